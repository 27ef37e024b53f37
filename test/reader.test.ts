/** What a model reads from the table itself is what quern serves. */
import { type BatchGetItemCommandInput, DynamoDB } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decode, key, type ReadableView, read } from 'quern/reader'
import { dynamoOnlineStore } from '../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../lib/aws/dynamodb/dynamo-online-table.ts'
import { encodeItem, itemKey } from '../lib/online/item/item.ts'
import { parseJson } from '../lib/online/item/json-value.ts'
import { onlineFeatures } from '../lib/verbs/serve/get-online-features.ts'
import { plan, view as viewPlan, weather } from './online/plans.ts'
import { text } from './oracle/naive.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from './support/embedded-dynamodb.ts'
import { anyRows, FEATURES, JOIN_KEYS } from './support/every-value-store.ts'

/** The view `weather` of test/online/plans.ts, as somebody writes it by hand. */
const VIEW = {
  key: 'weather@1',
  joinKeys: [{ name: 'airport', type: 'string' }],
  features: [
    { name: 'humid', type: 'int64' },
    { name: 'temp', type: 'float64' },
  ],
  ttlMs: 3_600_000,
} as const satisfies ReadableView

const NOW_MS = 1_700_000_000_000
const NOW = 1_700_000_000_000_000n
const HOUR = 3_600_000_000n
const TIMES = { EWR: NOW, OLD: NOW - HOUR, OLDER: NOW - HOUR - 1n, SOON: NOW + 1n }

let server: EmbeddedDynamoDb
let dynamo: DynamoDB
const asked: BatchGetItemCommandInput[] = []
/** The SDK's client, with an eye on what it is asked. */
const client: Pick<DynamoDB, 'batchGetItem'> = {
  batchGetItem: (input: BatchGetItemCommandInput) => {
    asked.push(input)
    return dynamo.batchGetItem(input)
  },
}

beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
  dynamo = new DynamoDB({
    endpoint: server.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await createOnlineTable(dynamo, 'online')
  const rows = Object.entries(TIMES).map(([airport, eventTimestamp]) =>
    encodeItem(weather, {
      keys: [airport],
      eventTimestamp,
      createdTimestamp: null,
      rowHash: '',
      features: [9_007_199_254_740_993n, null],
    }),
  )
  await dynamoOnlineStore({ client: dynamo, table: 'online' }).write(rows)
})
afterAll(async () => {
  dynamo.destroy()
  await server.close()
})
beforeEach(() => {
  asked.length = 0
})

describe('read', () => {
  it('gives one reading for each entity, judged by the rule of time', async () => {
    const airports = ['OLDER', 'EWR', 'SOON', 'OLD', 'LAX', 'EWR'].map(airport => ({ airport }))
    const features = { humid: 9_007_199_254_740_993n, temp: null }
    expect(await read(client, 'online', VIEW, airports, { nowMs: NOW_MS })).toStrictEqual([
      { status: 'OUTSIDE_MAX_AGE', eventTimestamp: TIMES.OLDER, features: null },
      { status: 'PRESENT', eventTimestamp: TIMES.EWR, features },
      { status: 'NOT_FOUND', eventTimestamp: null, features: null },
      { status: 'PRESENT', eventTimestamp: TIMES.OLD, features },
      { status: 'NOT_FOUND', eventTimestamp: null, features: null },
      { status: 'PRESENT', eventTimestamp: TIMES.EWR, features },
    ])
  })

  it('says what the serving API says', async () => {
    const world = {
      plan,
      online: dynamoOnlineStore({ client: dynamo, table: 'online' }),
      clock: { now: () => NOW_MS },
    }
    const airports = [...Object.keys(TIMES), 'LAX']
    const question = JSON.stringify({ feature_service: 'now', entities: { airport: airports } })
    const { text: answer } = await onlineFeatures(world)(question)
    const { results } = parseJson(answer) as unknown as {
      results: { values: unknown[]; statuses: string[] }[]
    }
    const readings = await read(
      client,
      'online',
      weather,
      airports.map(airport => ({ airport })),
      { nowMs: NOW_MS },
    )
    expect(results[1]?.statuses).toStrictEqual(readings.map(({ status }) => status))
    expect(results[1]?.values).toStrictEqual(readings.map(({ features }) => features?.['humid'] ?? null))
  })

  it('asks for the attributes that it needs, and for no other', async () => {
    const [reading] = await read(client, 'online', VIEW, [{ airport: 'EWR' }], {
      features: ['temp'],
      nowMs: NOW_MS,
    })
    expect(reading?.features).toStrictEqual({ temp: null })
    const { ProjectionExpression, ExpressionAttributeNames = {} } = asked[0]?.RequestItems?.['online'] ?? {}
    expect(ProjectionExpression?.split(', ').map(name => ExpressionAttributeNames[name])).toStrictEqual([
      'pk',
      'event_timestamp',
      'temp',
    ])
  })

  it('reads any number of entities', async () => {
    const airports = Array.from({ length: 250 }, (_, i) => ({ airport: i % 2 === 0 ? `${i}` : 'EWR' }))
    const readings = await read(client, 'online', VIEW, airports, { nowMs: NOW_MS })
    expect(readings.map(({ status }) => status === 'PRESENT')).toStrictEqual(
      airports.map(({ airport }) => airport === 'EWR'),
    )
    expect(asked.map(({ RequestItems }) => RequestItems?.['online']?.Keys?.length)).toStrictEqual([100, 26])
  })

  it('asks again for what stays unread, and takes it for nothing else', async () => {
    let calls = 0
    const throttled: Pick<DynamoDB, 'batchGetItem'> = {
      batchGetItem: async (input: BatchGetItemCommandInput) =>
        ++calls < 3 ? { UnprocessedKeys: input.RequestItems, $metadata: {} } : client.batchGetItem(input),
    }
    const [reading] = await read(throttled, 'online', VIEW, [{ airport: 'EWR' }], { nowMs: NOW_MS })
    expect([reading?.status, calls]).toStrictEqual(['PRESENT', 3])
    const never: Pick<DynamoDB, 'batchGetItem'> = {
      batchGetItem: async (input: BatchGetItemCommandInput) => ({
        UnprocessedKeys: input.RequestItems,
        $metadata: {},
      }),
    }
    await expect(read(never, 'online', VIEW, [{ airport: 'EWR' }])).rejects.toThrow(
      '1 keys stayed unread, the table is throttled: weather@1|EWR',
    )
  })

  it('refuses what the view does not have', async () => {
    const wrong = { features: ['heat' as 'temp'] }
    await expect(read(client, 'online', VIEW, [], wrong)).rejects.toThrow(
      "'heat' is no feature of weather@1; allowed: humid, temp",
    )
    expect(() => key(VIEW, {} as { airport: string })).toThrow('airport: null is no string')
  })
})

describe('key and decode', () => {
  const every = viewPlan({ name: 'values', joinKeys: [...JOIN_KEYS], ttlMs: null, of: [...FEATURES] })

  it('join keys may come in any order', () => {
    const backwards = { ...every, joinKeys: every.joinKeys.toReversed() }
    fc.assert(
      fc.property(anyRows, ([row]) => {
        const keys = row?.keys ?? []
        const named = Object.fromEntries(JOIN_KEYS.map(({ name }, i) => [name, keys[i] ?? null]))
        expect(key(backwards, named as Parameters<typeof key>[1])).toStrictEqual(itemKey(every, keys))
      }),
      { numRuns: 20 },
    )
  })

  it('keep values of every type', async () => {
    const store = dynamoOnlineStore({ client: dynamo, table: 'online' })
    let eventTimestamp = 0n
    await fc.assert(
      fc.asyncProperty(anyRows, async rows => {
        const times = { eventTimestamp: ++eventTimestamp, createdTimestamp: null, rowHash: '' }
        await store.write(rows.map(row => encodeItem(every, { ...row, ...times })))
        const entities = rows.map(({ keys }) =>
          Object.fromEntries(JOIN_KEYS.map(({ name }, i) => [name, keys[i] ?? null])),
        )
        const readings = await read(client, 'online', every, entities as Parameters<typeof key>[1][])
        const values = readings.map(({ features }) =>
          FEATURES.map(({ name }) => text(features?.[name] ?? null)),
        )
        expect(values).toEqual(rows.map(({ features }) => features.map(text)))
      }),
      { numRuns: 5 },
    )
  })

  it('refuse an attribute that is not of its feature’s type', () => {
    const item = { event_timestamp: { N: '0' }, humid: { S: 'wet' } }
    expect(() => decode({ ...VIEW, ttlMs: null }, item)).toThrow('an attribute of type S is no int64')
  })

  it('know the types', () => {
    const { features } = decode(VIEW, undefined)
    const humid: bigint | null | undefined = features?.humid
    const temp: number | null | undefined = features?.temp
    expect([humid, temp]).toStrictEqual([undefined, undefined])
    // @ts-expect-error -- it has no such feature
    expect(features?.heat).toBeUndefined()
    // @ts-expect-error -- a join key of another type
    expect(() => key(VIEW, { airport: 1n })).toThrow(TypeError)
  })
})
