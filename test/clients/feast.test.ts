/** Feast's Python SDK with its online store of type `remote` reads from quern. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { parseJson } from '../../lib/online/item/json-value.ts'
import { planOf, service, use, view } from '../online/plans.ts'
import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { FEAST, runPython } from './python.ts'

const NOW_MS = 1_700_000_000_000
const NOW = 1_700_000_000_000_000n
const DAY = 86_400_000_000n

const drivers = view({
  name: 'driver_stats',
  joinKeys: [{ name: 'driver_id', type: 'int64' }],
  ttlMs: 86_400_000,
  of: [
    { name: 'active', type: 'bool' },
    { name: 'name', type: 'string' },
    { name: 'rating', type: 'float64' },
    { name: 'scores', type: 'array<float32>' },
    { name: 'seats', type: 'int32' },
    { name: 'seen', type: 'timestamp' },
    { name: 'tags', type: 'array<string>' },
    { name: 'trips', type: 'int64' },
  ],
})
const routes = view({
  name: 'route_stats',
  joinKeys: [
    { name: 'dest', type: 'string' },
    { name: 'origin', type: 'string' },
  ],
  ttlMs: null,
  of: [
    { name: 'minutes', type: 'float64' },
    { name: 'stops', type: 'array<int64>' },
  ],
})
const activity = use(drivers, 'driver_stats')
const plan = planOf(
  [drivers, routes],
  [
    service('driver_activity', [
      { ...activity, features: activity.features.filter(({ name }) => name === 'name' || name === 'trips') },
    ]),
  ],
)

const BIG = 9_007_199_254_740_993n
const PRESENT = [true, 'Ωmega "1"', 5, [0.5, 1, -0], -2147483648, NOW - 1n, ['a', ''], -(2n ** 63n)]
const NULLS = [null, null, null, null, null, null, null, null]

const question = (features: string | string[], entity_rows: object[], full_feature_names = false) => ({
  features,
  entity_rows,
  full_feature_names,
})
const ids = ['1', String(BIG), '2', '3', '4', '5'].map(digits => `{"driver_id":${digits}}`)
const all = drivers.features.map(({ name }) => `driver_stats:${name}`)

/** As JSON text: a number in JavaScript would lose the digits of an id. */
const QUESTIONS = [
  `{"features":${JSON.stringify(all)},"entity_rows":[${ids.join(',')}]}`,
  `{"features":"driver_activity","entity_rows":[${ids.slice(0, 2).join(',')}],"full_feature_names":true}`,
  JSON.stringify(
    question(
      ['route_stats:minutes', 'route_stats:stops'],
      [
        { origin: 'JFK', dest: 'LAX' },
        { origin: 'LAX', dest: 'JFK' },
      ],
    ),
  ),
  JSON.stringify(question(['driver_stats:shoe_size'], [{ driver_id: 1 }])),
  JSON.stringify(question(['route_stats:stops'], [{ origin: 'empty', dest: 'list' }])),
]

interface Answered {
  readonly values: Readonly<Record<string, readonly unknown[]>>
  readonly statuses: Readonly<Record<string, readonly string[]>>
}
interface Refused {
  readonly error: string
  readonly message: string
}

async function startStore() {
  const server = await startEmbeddedDynamoDb()
  const client = server.client()
  await createOnlineTable(client, 'online')
  const online = dynamoOnlineStore({ client, table: 'online' })
  const driver = (id: bigint, eventTimestamp: bigint, features: typeof PRESENT | typeof NULLS) =>
    encodeItem(drivers, { keys: [id], eventTimestamp, createdTimestamp: null, rowHash: '', features })
  const route = (keys: string[], features: (number | bigint[])[]) =>
    encodeItem(routes, { keys, eventTimestamp: 0n, createdTimestamp: null, rowHash: '', features })
  await online.write([
    driver(1n, NOW, PRESENT),
    driver(BIG, NOW - DAY, PRESENT),
    driver(2n, NOW, NULLS),
    driver(3n, NOW - DAY - 1n, PRESENT),
    driver(4n, NOW + 1n, PRESENT),
    route(['LAX', 'JFK'], [330.25, [BIG, -1n]]),
    route(['list', 'empty'], [0, []]),
  ])
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const clock = { now: () => NOW_MS }
  const front = await startHttpFront({ handler: getOnlineFeatures({ plan, online, clock }, { log }) })
  const close = async (): Promise<void> => {
    await front.close()
    client.destroy()
    await server.close()
  }
  return { url: front.url, close }
}

/** What docs/clients.md shows. */
const configuration = (url: string): string => `project: quern
provider: local
registry: registry.db
online_store:
  type: remote
  path: ${url}
entity_key_serialization_version: 3
`

/** Asks all questions in a feature repo of its own. */
async function askFeast(url: string): Promise<readonly (Answered & Refused)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-feast-'))
  try {
    await cp(join(import.meta.dirname, 'feast_repo'), folder, { recursive: true })
    await writeFile(join(folder, 'feature_store.yaml'), configuration(url))
    const run = { environment: FEAST, folder }
    await runPython({ ...run, command: 'feast', args: ['apply', '--skip-source-validation'] })
    const ask = join(import.meta.dirname, 'ask_feast.py')
    const input = `[${QUESTIONS.join(',')}]`
    const printed = await runPython({ ...run, command: 'python', args: [ask], input })
    return parseJson(printed) as unknown as readonly (Answered & Refused)[]
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the Feast SDK', () => {
  let answers: Awaited<ReturnType<typeof askFeast>>
  beforeAll(async () => {
    const store = await startStore()
    answers = await askFeast(store.url).finally(store.close)
  }, 900_000)

  it('reads present, null, expired, future and missing values with their statuses', () => {
    const statuses = ['PRESENT', 'PRESENT', 'NULL_VALUE', 'OUTSIDE_MAX_AGE', 'NOT_FOUND', 'NOT_FOUND']
    const column = (value: unknown) => [value, value, null, null, null, null]
    expect(answers[0]?.statuses).toStrictEqual({
      driver_id: new Array(6).fill('PRESENT'),
      ...Object.fromEntries(drivers.features.map(({ name }) => [name, statuses])),
    })
    expect(answers[0]?.values).toStrictEqual({
      driver_id: [1, BIG, 2, 3, 4, 5],
      active: column(true),
      name: column('Ωmega "1"'),
      rating: column(5),
      scores: column([0.5, 1, -0]),
      seats: column(-2147483648),
      // The protocol has no types: an instant is its text, to the microsecond.
      seen: column('2023-11-14T22:13:19.999999Z'),
      tags: column(['a', '']),
      trips: column(-(2n ** 63n)),
    })
  })

  it('reads a feature service with full names', () => {
    expect(answers[1]?.values).toStrictEqual({
      driver_id: [1, BIG],
      driver_stats__name: ['Ωmega "1"', 'Ωmega "1"'],
      driver_stats__trips: [-(2n ** 63n), -(2n ** 63n)],
    })
  })

  it('reads composite keys', () => {
    expect(answers[2]).toStrictEqual({
      values: {
        dest: ['LAX', 'JFK'],
        origin: ['JFK', 'LAX'],
        minutes: [330.25, null],
        stops: [[BIG, -1], null],
      },
      statuses: {
        dest: ['PRESENT', 'PRESENT'],
        origin: ['PRESENT', 'PRESENT'],
        minutes: ['PRESENT', 'NOT_FOUND'],
        stops: ['PRESENT', 'NOT_FOUND'],
      },
    })
  })

  it("shows quern's error message", () => {
    expect(answers[3]?.message).toContain('unknown-feature')
    expect(answers[3]?.message).toContain('driver_stats:shoe_size')
  })

  it('cannot read an empty list or a list with null, as of 0.67', () => {
    expect(answers[4]?.message).toContain("Couldn't infer value type from empty value")
  })
})
