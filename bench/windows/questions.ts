/** The measured aggregations over windows of up to a week, as quern's SQL. */
import { compile } from '../../lib/compiler/compile.ts'
import {
  type Aggregation,
  aggregateView,
  count,
  days,
  entity,
  featureService,
  fileSource,
  hours,
  last,
  max,
  mean,
  min,
  stddev,
  sum,
} from '../../lib/definition/index.ts'
import { pointInTimeJoin } from '../../lib/offline/training-set/point-in-time-join.ts'
import type { WindowPlan } from '../../lib/plan/plan.ts'
import { duckdb } from '../../lib/sql/dialect.ts'
import { EVENTS, SPINE } from './data.ts'

const LENGTHS = {
  1: [days(7)],
  4: [hours(1), hours(6), days(1), days(7)],
  10: [
    ...[hours(1), hours(2), hours(3), hours(6), hours(12)],
    ...[days(1), days(2), days(3), days(5), days(7)],
  ],
} as const

export type WindowCount = keyof typeof LENGTHS
export const WINDOW_COUNTS = [1, 4, 10] as const satisfies readonly WindowCount[]

type Column = 'items' | 'amount'

const SUMS = (column: Column): readonly Aggregation[] => [count(), sum(column), mean(column), stddev(column)]
const ENDS = (column: Column): readonly Aggregation[] => [min(column), max(column)]

interface AggregationSet {
  readonly name: string
  readonly aggregations: readonly Aggregation[]
}

export const SETS = {
  whole: { name: 'count, sum, mean, stddev of whole numbers', aggregations: SUMS('items') },
  fractions: { name: 'count, sum, mean, stddev of fractions', aggregations: SUMS('amount') },
  ends: { name: 'min, max', aggregations: ENDS('items') },
  all: {
    name: 'all six and last',
    aggregations: [...SUMS('items'), ...ENDS('items'), last('items')],
  },
} as const satisfies Readonly<Record<string, AggregationSet>>

export type SetName = keyof typeof SETS
// The names are those of the object itself.
export const SET_NAMES = Object.keys(SETS) as readonly SetName[]

export interface Question {
  readonly windows: readonly WindowPlan[]
  readonly quernSql: string
}

export function questionOf(set: SetName, length: WindowCount): Question {
  const view = aggregateView({
    name: 'orders',
    entities: [entity({ name: 'customer', joinKeys: { customer_id: 'int64' } })],
    source: fileSource({
      name: 'order_log',
      path: 'orders.parquet',
      eventTimestamp: 'at',
      columns: { customer_id: 'int64', order_id: 'int64', items: 'int32', amount: 'float64' },
    }),
    eventId: ['order_id'],
    aggregations: SETS[set].aggregations,
    windows: LENGTHS[length],
  })
  const plan = compile([featureService({ name: 'all', features: [view] })])
  const [service, compiled] = [plan.services['all'], plan.views['orders@1']]
  if (service === undefined || !compiled?.aggregates) throw new Error('the bench has no such view')
  const quernSql = pointInTimeJoin({
    dialect: duckdb,
    plan,
    service,
    spine: SPINE,
    spineColumns: ['spine_row'],
    tables: { [compiled.key]: EVENTS },
  })
  return { windows: compiled.aggregates.windows, quernSql }
}
