/** Fields with values of the wrong kind, as plain JavaScript may have them. */
import { generateKeyPairSync } from 'node:crypto'
import { hours, milliseconds, minutes, pick } from 'quern'
import { airport, flown, routeDelay, weather } from '../example.ts'
import { file, type Row, service, view } from './broken.ts'

/** A public key of an algorithm that approvals do not use. */
const RSA_KEY = `-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAOFa3gAN1/s7XqpK+/VanCIYp9OyVQiZ
s3s4U3UmZkrQFoS6/l88S4tTZvHtBFimKaM7zs71/ZTCdWrSkStBMOcCAwEAAQ==
-----END PUBLIC KEY-----`

const PRIVATE_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })

/** Vectors of 32 KiB each, with names of two letters. */
const vectors = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${'abcdefghijklmnop'[i]}`, 'vector<8192>']))

export const FIELDS: readonly Row[] = [
  ...[0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 36_525 * 86_400_000 + 1].map(
    (ms): Row => [
      'not-positive',
      `a ttl of ${ms} ms`,
      [view({ ttl: milliseconds(ms) })],
      'view weather@1 › ttl',
      `${ms} ms`,
    ],
  ),
  ['not-positive', 'a ttl without unit', [view({ ttl: 5 })], 'view weather@1 › ttl', '5'],
  [
    'not-positive',
    'an interval of 0',
    [view({ schedule: { every: minutes(0) } })],
    'view weather@1 › schedule › every',
    '0 ms',
  ],
  [
    'not-positive',
    'a staleness of 0',
    [view({ maxStaleness: minutes(0) })],
    'view weather@1 › maxStaleness',
    '0 ms',
  ],
  [
    'stale-beyond-ttl',
    'a staleness beyond the ttl',
    [view({ ttl: minutes(1), maxStaleness: milliseconds(60_001) })],
    'view weather@1 › maxStaleness',
    '60001 ms, with a ttl of 60000 ms,',
  ],
  ['not-positive', 'no freshness', [view({ freshness: minutes(0) })], 'view weather@1 › freshness', '0 ms'],
  ...[
    { schedule: undefined },
    { schedule: { every: hours(1) }, online: false },
    { schedule: { cron: '0 6 1 * ? *' } },
  ].map(
    (change): Row => [
      'freshness-unscheduled',
      `a freshness with ${JSON.stringify(change)}`,
      [view({ ...change, freshness: hours(2) })],
      'view weather@1 › freshness',
      '2 h',
    ],
  ),
  ...[
    ['an hourly schedule', { schedule: { every: hours(1) } }, 5],
    ['an hourly schedule, without a run’s time', { schedule: { every: hours(1) } }, 64],
    ['a schedule at night', { schedule: { cron: '0 0 * * ? *' } }, 90],
    ['a staleness', { schedule: { every: minutes(5) }, maxStaleness: minutes(15) }, 20],
  ].map(
    ([what, change, fresh]): Row => [
      'freshness-not-kept',
      `${what} and ${fresh} minutes' freshness`,
      [view({ ...Object(change), freshness: minutes(Number(fresh)) })],
      'view weather@1 › freshness',
      `${fresh} min`,
    ],
  ),
  [
    'latency-below-read',
    'a latency below that of a read',
    [{ ...service(weather), latency: milliseconds(5) }],
    'service s › latency',
    '5 ms',
  ],
  ['bad-number', 'a view with a cost of 0', [view({ monthlyCost: 0 })], 'view weather@1 › monthlyCost', '0'],
  [
    'bad-number',
    'a service with a text as cost',
    [{ ...service(weather), monthlyCost: '5' }],
    'service s › monthlyCost',
    "'5'",
  ],
  [
    'item-too-large',
    'vectors above the item limit',
    [view({ transformation: 'select 1', features: vectors(13) })],
    'view weather@1 › features',
    '426010 bytes',
  ],
  [
    'bad-approver',
    'an approver without an address',
    [view({ approvers: ['Ann'] })],
    'view weather@1 › approvers',
    "'Ann'",
  ],
  [
    'duplicate-name',
    'an approver twice',
    [view({ approvers: ['ann@example.com', { name: 'ann@example.com' }] })],
    'view weather@1 › approvers',
    "'ann@example.com'",
  ],
  [
    'bad-public-key',
    'a key of another kind',
    [view({ approvers: [{ name: '@org/team', publicKey: RSA_KEY }] })],
    'view weather@1 › approvers › @org/team',
    'what stands under publicKey',
  ],
  [
    'bad-public-key',
    'a private key',
    [view({ approvers: [{ name: '@ann', publicKey: PRIVATE_KEY }] })],
    'view weather@1 › approvers › @ann',
    'what stands under publicKey',
  ],
  ['bad-version', 'version 0', [view({ version: 0 })], 'view weather@0', '0'],
  ['bad-version', 'a half version', [view({ version: 1.5 })], 'view weather@1.5', '1.5'],
  ['bad-version', 'a version in quotes', [view({ version: '1' })], "view weather@'1'", "'1'"],
  [
    'bad-schedule',
    'half a minute',
    [view({ schedule: { every: minutes(0.5) } })],
    'view weather@1 › schedule',
    "'30000 ms'",
  ],
  ['bad-schedule', 'no schedule at all', [view({ schedule: {} })], 'view weather@1 › schedule', '{}'],
  ...[
    '0 6 * * *',
    '0 6 * * * *',
    '60 6 * * ? *',
    '0 24 * * ? *',
    '0 6 ? * ? *',
    'a b c d ? f',
    '0 6 32 * ? *',
    '0 6 * * ? 1969',
  ].map(
    (cron): Row => [
      'bad-schedule',
      `cron ${cron}`,
      [view({ schedule: { cron } })],
      'view weather@1 › schedule',
      `'${cron}'`,
    ],
  ),
  [
    'bad-format',
    'an unknown file extension',
    [file({ path: 'data/a.txt' })],
    'source observations › format',
    "'data/a.txt'",
  ],
  ['bad-format', 'an unknown format', [file({ format: 'xml' })], 'source observations › format', "'xml'"],
  [
    'wrong-kind',
    'options of CSV for files of Parquet',
    [file({ path: 'a.parquet', csv: { delimiter: ';' } })],
    'source observations › csv',
    '{"delimiter":";"}',
  ],
  [
    'wrong-kind',
    'an invalid delimiter',
    [file({ path: 'a.csv', csv: { delimiter: '::' } })],
    'source observations › csv › delimiter',
    "'::'",
  ],
  ...['', 'a;b', 'a"b', 7].map(
    (text): Row => [
      'wrong-kind',
      `${JSON.stringify(text)} as a text that is null`,
      [file({ path: 'a.csv', csv: { delimiter: ';', nulls: [text] } })],
      'source observations › csv › nulls',
      typeof text === 'string' ? `'${text}'` : String(text),
    ],
  ),
  ...['drop table x', 'select 1;', "select 'a", 'select /* 1', '', '-- select', 'selection'].map(
    (sql): Row => [
      'bad-transformation',
      `SQL ${sql}`,
      [view({ transformation: sql })],
      'view weather@1 › transformation',
      `'${sql}'`,
    ],
  ),
  ...(
    [
      ['select a::int from source', ':: (line 1)'],
      ['select a,\n  now() as b from source', 'now(…) (line 2)'],
      ['select strftime(a, b) from source', 'strftime(…) (line 1)'],
      ['select sin(a) from source', 'sin(…), whose last bits differ (line 1)'],
      ['select * exclude (a) from source', 'exclude (line 1)'],
      ['select a from source qualify b', 'qualify (line 1)'],
      ['select a from source limit 5', 'limit without order by (line 1)'],
      ['select a from other', 'the table other (line 1)'],
      ["select a at time zone 'UTC' from source", 'at (line 1)'],
      ['select cast(a as json) from source', 'a cast to json (line 1)'],
      ["select date '2024-02-30' from source", "date '2024-02-30' (line 1)"],
      ["select regexp_like(a, '\\d') from source", "the pattern '\\d' (line 1)"],
      ['select row_number() over (partition by a) from source', 'row_number() without an order (line 1)'],
      ['select upper(1) from source', 'upper(integer) (line 1)'],
    ] as const
  ).map(
    ([sql, got]): Row => [
      'not-portable',
      `SQL ${sql}`,
      [view({ transformation: sql })],
      'view weather@1 › transformation',
      got,
    ],
  ),
  [
    'bad-transformation',
    'a spine without query',
    [{ ...service(weather), spine: { source: flown } }],
    'service s › spine › query',
    'nothing',
  ],
  [
    'wrong-kind',
    'an entity in place of a view',
    [service(airport)],
    'service s › member 1',
    "entity 'airport'",
  ],
  [
    'wrong-kind',
    'a pick of an entity',
    [service({ ...pick(weather, ['temp']), view: airport })],
    'service s › pick weather › view',
    "entity 'airport'",
  ],
  [
    'wrong-kind',
    'a pick of undefined',
    [service({ ...pick(weather, ['temp']), view: undefined })],
    'service s › pick weather › view',
    'nothing',
  ],
  [
    'wrong-kind',
    'a view in place of an entity',
    [view({ transformation: 'select 1', entities: [airport, routeDelay] })],
    'view weather@1 › entities',
    "featureView 'route_delay'",
  ],
  [
    'wrong-kind',
    'an entity by its name',
    [view({ transformation: 'select 1', entities: [airport, 'route'] })],
    'view weather@1 › entities',
    "'route'",
  ],
  [
    'wrong-kind',
    'no source',
    [view({ source: undefined, transformation: 'select 1' })],
    'view weather@1 › source',
    'nothing',
  ],
  ['wrong-kind', 'online in words', [view({ online: 'yes' })], 'view weather@1 › online', "'yes'"],
  [
    'wrong-kind',
    'a tag that is a number',
    [view({ tags: { tier: 1 } })],
    'view weather@1 › tags › tier',
    '1',
  ],
  [
    'wrong-kind',
    'a source without event timestamp',
    [file({ eventTimestamp: undefined })],
    'source observations › eventTimestamp',
    'nothing',
  ],
  ['wrong-kind', 'a file without path', [file({ path: undefined })], 'source observations › path', 'nothing'],
  [
    'wrong-kind',
    'a table without stand-in',
    [{ ...flown, local: undefined }],
    'source flown › local',
    'nothing',
  ],
  [
    'wrong-kind',
    'a table with two stand-ins',
    [{ ...flown, local: { folder: 'a', query: 'b' } }],
    'source flown › local',
    '{"folder":"a","query":"b"}',
  ],
]
