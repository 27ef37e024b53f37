/** What the bench of streams stores: the same events as windows, and as the newest row of each customer. */
import { compile } from '../../lib/compiler/compile.ts'
import {
  aggregateView,
  approxDistinct,
  count,
  days,
  entity,
  featureService,
  featureView,
  first,
  hours,
  last,
  lastN,
  max,
  mean,
  min,
  stddev,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import type { Plan } from '../../lib/plan/plan.ts'

const customer = entity({ name: 'customer', joinKeys: { customer_id: 'int64' } })

const orders = streamSource({
  name: 'orders',
  schema: { order_id: 'int64', customer_id: 'int64', amount: 'float64', items: 'int32', shop: 'string' },
  eventTimestamp: 'placed_at',
  eventId: ['order_id'],
  stream: 'orders',
})

const windows = aggregateView({
  name: 'windows',
  entities: [customer],
  source: orders,
  aggregations: [
    count(),
    sum('amount'),
    mean('amount'),
    stddev('amount'),
    min('items'),
    max('items'),
    first('shop'),
    last('shop'),
    lastN('order_id', 5),
    approxDistinct('shop'),
  ],
  windows: [hours(1), hours(6), days(1), days(7)],
})

const newest = featureView({
  name: 'newest',
  entities: [customer],
  source: orders,
  features: { order_id: 'int64', amount: 'float64', items: 'int32', shop: 'string' },
})

export const SERVICE = 'all'
/** Four windows of ten aggregations. */
export const FEATURES = 40

const planOf = (view: typeof windows | typeof newest): Plan =>
  compile([featureService({ name: SERVICE, features: [view] })])

export const windowsPlan = planOf(windows)
export const newestPlan = planOf(newest)
