/**
 * Faults that no engine produces on request: a scripted server throttles, breaks connections, stalls and leaves keys
 * unprocessed.
 */
import { type BatchGetItemInput, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import type { RetryOptions } from '../../lib/aws/retry.ts'
import { encodeItem, itemKey } from '../../lib/online/item/item.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { plan, weather } from '../online/plans.ts'
import {
  answers,
  beginsAnd,
  fallsSilent,
  garbles,
  hangsUp,
  type Reply,
  refuses,
  type ScriptedDynamoDb,
  saysOtherwise,
  startScriptedDynamoDb,
} from './scripted-dynamodb.ts'

const TABLE = 'online'
const ATTEMPTS = 4
const throttles = refuses('ProvisionedThroughputExceededException')
const keeps = refuses('ConditionalCheckFailedException')

const row = { eventTimestamp: 0n, createdTimestamp: null, rowHash: '', features: [] }
const item = (airport: string) => encodeItem(weather, { ...row, keys: [airport] })
const airports = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
const keysOf = (names: readonly string[]) => names.map(airport => itemKey(weather, [airport]))

const wanted = (input: BatchGetItemInput) => input.RequestItems?.[TABLE]?.Keys ?? []
type Keys = ReturnType<typeof wanted>
const found = (items: Keys, left: Keys = []) => ({
  Responses: { [TABLE]: items },
  ...(left.length === 0 ? {} : { UnprocessedKeys: { [TABLE]: { Keys: left } } }),
})

let server: ScriptedDynamoDb
const clients: DynamoDBClient[] = []
const storeOf = (
  requestHandler: DynamoDBClientConfig['requestHandler'] = {},
  retry: RetryOptions = { attempts: ATTEMPTS, baseMs: 1, capMs: 2 },
): OnlineStore => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'local',
    credentials,
    requestHandler,
  })
  clients.push(client)
  return dynamoOnlineStore({ client, table: TABLE, retry })
}
let store: OnlineStore
beforeAll(async () => {
  server = await startScriptedDynamoDb()
  store = storeOf()
})
afterAll(async () => {
  for (const client of clients) client.destroy()
  await server.close()
})

describe('dynamoOnlineStore.read', () => {
  it('requests unprocessed keys again until it has all items', async () => {
    server.script(({ input }) => answers(found(wanted(input).slice(0, 30), wanted(input).slice(30))))
    const items = await store.read(keysOf(airports(250)))
    expect(items.map(one => one?.['pk']?.S)).toStrictEqual(
      airports(250).map(airport => `weather@1|${airport}`),
    )
  })

  it('requests equal keys once', async () => {
    server.script(({ input }) => answers(found(wanted(input))))
    await store.read(keysOf(['a', 'b', 'a']))
    expect(server.requests.map(({ input }) => wanted(input).length)).toStrictEqual([2])
  })

  it.each<[string, Reply]>([
    ['throttling', throttles],
    ['a fault of the service', refuses('InternalServerError', 500)],
    ['a status beyond 500', refuses('Oops', 503)],
    ['a fault that is told in HTML', saysOtherwise(502, '<html>')],
    ['an answer in HTML', saysOtherwise(200, '<html>')],
    ['an answer that is no object', saysOtherwise(200, 'null')],
    ['an empty answer', saysOtherwise(200, '')],
    ['an answer that was changed on its way', garbles(found([]))],
    ['a connection that is cut', hangsUp],
    ['a connection that is cut in the middle of an answer', beginsAnd(hangsUp)],
  ])('retries after %s', async (_name, fails) => {
    server.script(({ input }, n) => (n === 0 ? fails : answers(found(wanted(input)))))
    await expect(store.read(keysOf(['a']))).resolves.toMatchObject([{ pk: { S: 'weather@1|a' } }])
    expect(server.requests).toHaveLength(2)
  })

  it.each<[string, Reply]>([
    ['no answer', fallsSilent],
    ['an answer that does not end', beginsAnd(fallsSilent)],
  ])("retries after %s within the client's time-outs", async (_name, fails) => {
    server.script(({ input }, n) => (n === 0 ? fails : answers(found(wanted(input)))))
    const impatient = storeOf({ requestTimeout: 300, socketTimeout: 300, throwOnRequestTimeout: true })
    await expect(impatient.read(keysOf(['a']))).resolves.toMatchObject([{ pk: { S: 'weather@1|a' } }])
  })

  it('never reports an unread key as not found but names it', async () => {
    server.script(({ input }) => {
      const stuck = wanted(input).filter(({ pk }) => pk?.S?.endsWith('7'))
      const read = wanted(input).filter(key => !stuck.includes(key))
      return answers(found(read, stuck))
    })
    const failed = store.read(keysOf(airports(20)))
    await expect(failed).rejects.toMatchObject({ retryable: true, keys: ['weather@1|7', 'weather@1|17'] })
    await expect(failed).rejects.toThrow(
      '2 of 20 keys could not be read from table online: weather@1|7, weather@1|17',
    )
    expect(server.requests).toHaveLength(ATTEMPTS + 1)
  })

  it('never reports a key as not found when the response does not list items', async () => {
    server.script(() => answers({}))
    await expect(store.read(keysOf(['a']))).rejects.toMatchObject({ retryable: true, keys: ['weather@1|a'] })
  })

  it.each<[string, Reply]>([
    ['no answer', fallsSilent],
    ['an answer that does not end', beginsAnd(fallsSilent)],
    ['throttling, and a wait that would be longer', throttles],
  ])('gives up when its time budget ends: %s', async (_name, fails) => {
    server.script(() => fails)
    const patient = storeOf({}, { attempts: 10, baseMs: 600_000, capMs: 600_000 })
    await expect(patient.read(keysOf(['a']), { withinMs: 100 })).rejects.toMatchObject({
      retryable: true,
      keys: ['weather@1|a'],
    })
    expect(server.requests).toHaveLength(1)
  })

  it("limits the reads of a request to the request's time budget", async () => {
    server.script(() => fallsSilent)
    const ask = onlineFeatures({ plan, online: storeOf(), clock: { now: () => 0 }, budgetMs: 100 })
    const body = JSON.stringify({ feature_service: 'now', entities: { airport: ['a'] } })
    await expect(ask(body)).rejects.toMatchObject({ retryable: true, keys: ['weather@1|a'] })
  })

  it('gives up at once on a permanent error', async () => {
    server.script(() => refuses('ValidationException'))
    await expect(store.read(keysOf(['a']))).rejects.toMatchObject({ retryable: false, keys: ['weather@1|a'] })
    expect(server.requests).toHaveLength(1)
  })
})

describe('dynamoOnlineStore.compareAndSet', () => {
  const swap = (airport: string) => ({ item: { ...item(airport), version: { N: '2' } }, expectedVersion: 1n })

  it('retries throttled items and reports conflicts', async () => {
    server.script(({ input }, n) => {
      if (n === 0) return throttles
      return input.Item?.['pk']?.S === 'weather@1|3' ? keeps : answers({})
    })
    expect(await store.compareAndSet(airports(10).map(swap))).toStrictEqual(
      airports(10).map(name => name !== '3'),
    )
    expect(server.requests).toHaveLength(11)
    expect(server.requests[0]?.input).toMatchObject({
      ConditionExpression: '#version = :before',
      ExpressionAttributeValues: { ':before': { N: '1' } },
    })
  })

  it('writes the other items and names those that could not be written', async () => {
    server.script(({ input }) => (input.Item?.['pk']?.S === 'weather@1|3' ? throttles : answers({})))
    await expect(store.compareAndSet(airports(10).map(swap))).rejects.toMatchObject({
      message:
        '1 of 10 items could not be written to table online (ProvisionedThroughputExceededException): weather@1|3',
      retryable: true,
      keys: ['weather@1|3'],
    })
    expect(server.requests).toHaveLength(9 + ATTEMPTS)
  })

  it('reads consistently when requested', async () => {
    server.script(({ input }) => answers(found(wanted(input))))
    await store.read(keysOf(['a']), { consistent: true })
    await store.read(keysOf(['a']))
    const asked = server.requests.map(({ input }) => input.RequestItems?.[TABLE]?.ConsistentRead)
    expect(asked).toStrictEqual([true, false])
  })
})

describe('dynamoOnlineStore.write', () => {
  it('retries throttled items and counts those that were kept', async () => {
    server.script((_request, n) => [throttles, keeps][n] ?? answers({}))
    expect(await store.write(airports(10).map(item))).toStrictEqual({ written: 9, kept: 1 })
    expect(server.requests).toHaveLength(11)
  })

  it('names a missing permission and its resource, and reports any other fault only by name', async () => {
    server.script(() => refuses('AccessDeniedException'))
    await expect(store.write(airports(1).map(item))).rejects.toMatchObject({
      message: '1 of 1 items could not be written to table online (told so): weather@1|0',
      retryable: false,
    })
  })

  it('writes the other items and names those that could not be written', async () => {
    server.script(({ input }) => (input.Item?.['pk']?.S === 'weather@1|3' ? throttles : answers({})))
    await expect(store.write(airports(100).map(item))).rejects.toMatchObject({
      message:
        '1 of 100 items could not be written to table online (ProvisionedThroughputExceededException): weather@1|3',
      retryable: true,
      keys: ['weather@1|3'],
      cause: { name: 'ProvisionedThroughputExceededException', message: 'told so' },
    })
    expect(server.requests).toHaveLength(99 + ATTEMPTS)
  })

  it('reports that a retry does not help when one item is refused permanently', async () => {
    server.script((_request, n) => (n === 0 ? refuses('ValidationException') : throttles))
    await expect(store.write(['a', 'b'].map(item))).rejects.toMatchObject({ retryable: false })
  })

  it('limits the number of concurrent requests', async () => {
    let [now, most] = [0, 0]
    server.script(async () => {
      most = Math.max(most, ++now)
      await new Promise(resolve => setTimeout(resolve, 5))
      now--
      return answers({})
    })
    await store.write(airports(200).map(item))
    expect(most).toBe(16)
  })

  it('names at most twenty items and counts the rest', async () => {
    server.script(() => refuses('ValidationException'))
    await expect(store.write(airports(25).map(item))).rejects.toThrow(/weather@1\|19 and 5 more$/)
  })
})
