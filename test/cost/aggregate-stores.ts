/**
 * Aggregate views for cost tests: the example of docs/aggregations.md, "What it costs", and a stream with two views.
 */
import {
  aggregateView,
  approxDistinct,
  column,
  count,
  type Duration,
  days,
  entity,
  featureService,
  featureView,
  hours,
  last,
  lastN,
  max,
  mean,
  min,
  stddev,
  streamSource,
  sum,
} from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import type { Plan } from '../../lib/plan/plan.ts'

const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })

const arrivals = streamSource({
  name: 'arrivals',
  schema: { flight: 'int64', carrier: 'string', delay: 'float64', origin: 'string' },
  eventTimestamp: 'landed',
  eventId: ['flight'],
})

const viewWith = (name: string, windows: readonly Duration[]) =>
  aggregateView({
    name,
    entities: [carrier],
    source: arrivals,
    aggregations: [
      count(),
      count('delay', { as: 'late', where: column('delay', 'float64').greaterThan(15) }),
      sum('delay'),
      mean('delay'),
      min('delay'),
      max('delay'),
      stddev('delay'),
      last('delay'),
      lastN('origin', 3),
      approxDistinct('origin'),
    ],
    windows,
  })

const week = viewWith('week', [hours(1), hours(6), days(1), days(7)])

/** Ten aggregations over four windows. */
export const WINDOWS: Plan = compile([
  week,
  viewWith('season', [hours(1), days(1), days(7), days(90)]),
  viewWith('hours', [hours(1), hours(6)]),
  featureService({ name: 'delays', features: [week] }),
])

const clicks = streamSource({
  name: 'clicks',
  schema: { carrier: 'string', page: 'string' },
  eventTimestamp: 'at',
  eventId: ['page'],
  stream: 'website-clicks',
})
const visits = (name: string, source: typeof clicks | typeof arrivals) =>
  aggregateView({ name, entities: [carrier], source, aggregations: [count()], windows: [hours(1)] })

/** Two views of one stream, and a view of a Kinesis stream that belongs to another team. */
export const STREAMS: Plan = compile([
  visits('landed', arrivals),
  featureView({
    name: 'newest',
    entities: [carrier],
    source: arrivals,
    features: { delay: 'float64' },
  }),
  visits('clicked', clicks),
])
