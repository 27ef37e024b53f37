/**
 * Unknown options, columns that differ only in case, names that widen IAM permissions, and exports that would be
 * ignored.
 */
import {
  aggregateView,
  consumer,
  count,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  pick,
  streamSource,
  tableSource,
  viewSource,
} from 'quern'
import { airport, observations, weather } from '../example.ts'
import { file, type Row, view } from './broken.ts'

/** Calls the functions of the language with any values, as plain JavaScript can. */
const plain: Readonly<Record<string, CallableFunction>> = {
  aggregateView,
  consumer,
  count,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  pick,
  streamSource,
  tableSource,
  viewSource,
}
const made = (maker: string, ...args: readonly unknown[]): unknown => plain[maker]?.(...args)

const clicks = {
  name: 'clicks',
  schema: { airport: 'string' },
  eventTimestamp: 'at',
  eventId: ['airport'],
} as const
const counted = {
  name: 'seen',
  entities: [airport],
  source: observations,
  eventId: ['airport'],
  aggregations: [count()],
  windows: [hours(1)],
}
const table = {
  name: 'orders',
  database: 'shop',
  table: 'orders',
  eventTimestamp: 'at',
  local: { folder: 'd' },
}
const principals = ['arn:aws:iam::123456789012:role/scorer']
const ofWeather = { name: 'v', entities: [airport], source: observations, features: { temp: 'float64' } }
const served = (member: unknown) => made('featureService', { name: 's', features: [member] })

/** The definition, its unknown option, and the path of the diagnostic. */
const unknown = (
  [
    ['TTL', 'view v@1', made('featureView', { ...ofWeather, TTL: hours(1) })],
    ['eventTimestmp', 'view v@1', made('featureView', { ...ofWeather, eventTimestmp: 'at' })],
    [
      'desc',
      'view v@1 › feature temp',
      made('featureView', { ...ofWeather, features: { temp: { type: 'float64', desc: '' } } }),
    ],
    [
      'at',
      'view v@1 › schedule',
      made('featureView', { ...ofWeather, schedule: { every: hours(1), at: 3 } }),
    ],
    [
      'key',
      'view v@1 › approvers',
      made('featureView', { ...ofWeather, approvers: [{ name: '@a', key: 'x' }] }),
    ],
    ['ttl', 'view seen@1', made('aggregateView', { ...counted, ttl: hours(1) })],
    ['features', 'view seen@1', made('aggregateView', { ...counted, features: { a: 'int64' } })],
    ['window', 'view seen@1', made('aggregateView', { ...counted, window: hours(1) })],
    [
      'wher',
      'view seen@1 › aggregation count',
      made('aggregateView', { ...counted, aggregations: [made('count', { wher: 1 })] }),
    ],
    ['keys', 'entity e', made('entity', { name: 'e', joinKeys: { id: 'string' }, keys: 1 })],
    ['filter', 'source observations', file({ filter: 'x' })],
    ['schema', 'source orders', made('tableSource', { ...table, schema: {} })],
    ['path', 'source orders › local', made('tableSource', { ...table, local: { folder: 'd', path: 'x' } })],
    ['shards', 'source clicks', made('streamSource', { ...clicks, shards: 3 })],
    [
      'sql',
      'source clicks › history',
      made('streamSource', { ...clicks, history: { source: observations, sql: '' } }),
    ],
    [
      'name',
      'view v@1 › source',
      [
        weather,
        made('featureView', { ...ofWeather, source: made('viewSource', { view: 'weather', name: 'x' }) }),
      ],
    ],
    ['as', 'service s › pick weather', served(made('pick', weather, ['temp'], { as: 'w' }))],
    ['views', 'service s', made('featureService', { name: 's', features: [weather], views: [] })],
    [
      'sql',
      'service s › spine',
      made('featureService', {
        name: 's',
        features: [weather],
        spine: { source: observations, query: 'select 1', sql: '' },
      }),
    ],
    ['inputz', 'derive d', derivedWith({ inputz: [] })],
    ['role', 'consumer c', made('consumer', { name: 'c', principals, grants: [weather], role: 'x' })],
  ] as const
).map(
  ([option, path, definition]): Row => [
    'unknown-option',
    `${option} of ${path}`,
    Array.isArray(definition) ? definition : [definition],
    path,
    `'${option}'`,
  ],
)

function derivedWith(more: object): unknown {
  const features = (x: { temp: { times: (by: number) => unknown } }) => ({ hot: x.temp.times(2) })
  return served(made('derive', { name: 'd', inputs: [pick(weather, ['temp'])], features, ...more }))
}

const clash = (what: string, definition: unknown, path: string, got: string): Row => [
  'case-clash',
  what,
  [definition],
  path,
  got,
]
const columns = { airport: 'string', at: 'timestamp', loaded_at: 'timestamp', temp: 'float64' }

const CASES: readonly Row[] = [
  clash(
    'columns of a source',
    file({ columns: { ...columns, Temp: 'float64' } }),
    'source observations › columns',
    "'Temp' and 'temp'",
  ),
  clash(
    'an event timestamp and a column',
    file({ columns: { ...columns, AT: 'timestamp' } }),
    'source observations › columns',
    "'AT' and 'at'",
  ),
  clash(
    'an event timestamp and a field of events',
    made('streamSource', { ...clicks, eventTimestamp: 'Airport' }),
    'source clicks',
    "'Airport' and 'airport'",
  ),
  clash(
    'an event timestamp and a feature',
    view({ eventTimestamp: 'TEMP', transformation: 'select 1' }),
    'view weather@1',
    "'temp' and 'TEMP'",
  ),
  clash(
    'columns of events',
    made('aggregateView', { ...counted, columns: { ...columns, Temp: 'float64' } }),
    'view seen@1 › columns',
    "'Temp' and 'temp'",
  ),
]

const spelt = (change: object, path: string, got: string): Row => [
  'bad-spelling',
  `the ${path} ${got}`,
  [made('tableSource', { ...table, ...change })],
  `source orders › ${path}`,
  got,
]
const AWS_NAMES: readonly Row[] = [
  ...['*', 'shop*', 'sh?p', 'Shop', 'shop/orders', '', 'a'.repeat(256)].map(database =>
    spelt({ database }, 'database', database.length > 80 ? `'${'a'.repeat(78)}…` : `'${database}'`),
  ),
  spelt({ table: 'orders_*' }, 'table', "'orders_*'"),
  spelt({ table: 'orders$' }, 'table', "'orders$'"),
  spelt({ catalog: 'post*' }, 'catalog', "'post*'"),
  spelt({ catalog: 'awsdatacatalog' }, 'catalog', "'awsdatacatalog'"),
  spelt({ catalog: 'postgres', table: 'Orders*' }, 'table', "'Orders*'"),
  ...['*', 'click?', 'arn:aws:kinesis:eu-central-1:123456789012:stream/clicks', 'a'.repeat(129)].map(
    (stream): Row => [
      'bad-spelling',
      `the stream ${stream}`,
      [made('streamSource', { ...clicks, stream })],
      'source clicks › stream',
      stream.length > 80 ? `'${'a'.repeat(78)}…` : `'${stream}'`,
    ],
  ),
]

/** Values that were probably meant as definitions. */
const exported = (value: unknown, got: string): Row => ['not-made', got, [value], 'an export', got]
const UNMADE: readonly Row[] = [
  exported(
    { name: 'v', entities: [airport] },
    `{"name":"v","entities":[{"name":"airport","joinKeys":{"airport":"string"},"kind…`,
  ),
  exported({ kind: 'feature_view', name: 'v', entities: [] }, "feature_view 'v'"),
  exported([{ name: 'dev', region: 'eu-central-1' }], '{"name":"dev","region":"eu-central-1"}'),
  exported(Promise.resolve(weather), 'a promise or an iterator'),
  exported([weather].values(), 'a promise or an iterator'),
]

/** Longer than the maximum length of an EventBridge expression. */
const LONG_CRON: Row = [
  'bad-schedule',
  'a cron of 300 characters',
  [view({ schedule: { cron: `${Array.from({ length: 150 }, () => '1').join(',')} 6 * * ? *` } })],
  'view weather@1 › schedule',
  `'${'1,'.repeat(39)}…`,
]

export const OPTIONS: readonly Row[] = [LONG_CRON, ...unknown, ...CASES, ...AWS_NAMES, ...UNMADE]
