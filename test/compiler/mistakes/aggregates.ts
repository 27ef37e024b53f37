/** Invalid aggregate views and streams. */
import { aggregateView, column, count, days, hours, max, mean, minutes, streamSource, sum } from 'quern'
import { airport } from '../example.ts'
import type { Row } from './broken.ts'

const landings = streamSource({
  name: 'landings',
  schema: { airport: 'string', flight: 'int32', gate: 'string', delay: 'int32', pressure: 'float64' },
  eventTimestamp: 'landed_at',
  eventId: ['airport', 'flight'],
})

const delays = aggregateView({
  name: 'delays',
  entities: [airport],
  source: landings,
  aggregations: [count(), mean('delay')],
  windows: [hours(1), days(7)],
})

/** A valid view with changes. */
const view = (change: Record<string, unknown>) => {
  const { source = landings, transformation, ...aggregates } = change
  return { ...delays, source, transformation, aggregates: { ...delays.aggregates, ...aggregates } }
}
const stream = (change: Record<string, unknown>) => ({ ...landings, ...change })
const AT = 'view delays@1'

export const AGGREGATES: readonly Row[] = [
  [
    'aggregation-type',
    'the mean of a text',
    [view({ aggregations: [mean('gate')] })],
    `${AT} › aggregation mean_gate`,
    'mean of gate (string)',
  ],
  [
    'unknown-name',
    'an aggregation of a column that no event has',
    [view({ aggregations: [sum('dela')] })],
    `${AT} › aggregation sum_dela`,
    "'dela'",
  ],
  [
    'wrong-kind',
    'a name in place of an aggregation',
    [view({ aggregations: [count(), 'mean'] })],
    `${AT} › aggregation 2`,
    "'mean'",
  ],
  ['no-features', 'no aggregation', [view({ aggregations: [] })], AT, 'the view'],
  [
    'no-windows',
    'no window',
    [view({ windows: [], aggregations: [count()] })],
    `${AT} › windows`,
    'the view',
  ],
  [
    'window-below-tile',
    'a window that is shorter than its tile',
    [view({ tile: days(1), windows: [hours(6), days(1)] })],
    `${AT} › windows`,
    '21600000 ms, with tiles of 86400000 ms,',
  ],
  [
    'window-too-long',
    'a window of two years',
    [view({ windows: [days(731)] })],
    `${AT} › windows`,
    '63158400000 ms',
  ],
  ['bad-tile', 'a tile of seven minutes', [view({ tile: minutes(7) })], `${AT} › tile`, '420000 ms'],
  [
    'bad-filter',
    'a filter that is not a condition',
    [view({ aggregations: [count({ where: column('delay', 'int32') as never })] })],
    `${AT} › aggregation count › where`,
    "'int64'",
  ],
  [
    'bad-filter',
    'a filter on a column that no event has',
    [view({ aggregations: [count({ where: column('dela', 'int32').greaterThan(1) })] })],
    `${AT} › aggregation count › where › column`,
    'dela',
  ],
  [
    'bad-count',
    'an n above the maximum',
    [view({ aggregations: [{ ...max('delay'), aggregation: 'lastN', n: 101 }] })],
    `${AT} › aggregation max_delay`,
    '101',
  ],
  [
    'column-clash',
    'two features of one name',
    [view({ aggregations: [count(), mean('delay', { as: 'count' })], windows: [hours(1)] })],
    `${AT} › feature count_1h`,
    "'count_1h'",
  ],
  [
    'column-clash',
    'a column with the name of a join key that another column holds',
    [view({ joinKeys: { airport: 'gate' }, aggregations: [count('airport')] })],
    `${AT} › column airport`,
    "'airport'",
  ],
  [
    'join-key-missing',
    'a join key without a column',
    [view({ joinKeys: { airport: 'aerodrome' } })],
    `${AT} › joinKeys › join key airport`,
    "'aerodrome'",
  ],
  [
    'join-key-mismatch',
    'a join key of another type',
    [view({ joinKeys: { airport: 'flight' } })],
    `${AT} › joinKeys › join key airport`,
    "'string' in the entity and 'int32' in the events",
  ],
  [
    'event-id-type',
    'a float as event id',
    [view({ eventId: ['pressure'] })],
    `${AT} › eventId › pressure`,
    "'float64'",
  ],
  ['no-event-id', 'an empty event id', [view({ eventId: [] })], `${AT} › eventId`, '[]'],
  [
    'stream-transformation',
    'a transformation of a stream',
    [view({ transformation: 'select * from source' })],
    `${AT} › transformation`,
    'it',
  ],
  [
    'unknown-name',
    'an event id that is not a field of the stream',
    [stream({ eventId: ['fligth'] })],
    'source landings › eventId',
    "'fligth'",
  ],
  [
    'column-clash',
    'a stream whose schema has its event timestamp',
    [stream({ schema: { airport: 'string', flight: 'int32', landed_at: 'timestamp' } })],
    'source landings › schema',
    "'landed_at'",
  ],
  [
    'reserved-name',
    'a stream whose event timestamp has a reserved name',
    [stream({ eventTimestamp: 'created_timestamp' })],
    'source landings › eventTimestamp',
    "'created_timestamp'",
  ],
  [
    'wrong-kind',
    'a stream whose history is an entity',
    [stream({ history: { source: airport } })],
    'source landings › history › source',
    "entity 'airport'",
  ],
]
