/** Faults that no engine gives on request: a mocked client throttles, breaks and leaves keys unprocessed. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  DynamoDBClient,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { dynamoOnlineStore } from '../../lib/aws/dynamo-online-store.ts'
import { encodeItem, itemKey } from '../../lib/online/item.ts'
import { weather } from '../online/plans.ts'

const TABLE = 'online'
const client = new DynamoDBClient({ region: 'local' })
const faulty = mockClient(client)
const ATTEMPTS = 4
const store = dynamoOnlineStore({ client, table: TABLE, retry: { attempts: ATTEMPTS, baseMs: 1, capMs: 2 } })

const told = { message: 'told so', $metadata: {} }
const throttled = new ProvisionedThroughputExceededException(told)
const kept = new ConditionalCheckFailedException(told)
const named = (name: string, more: object = {}): Error => Object.assign(new Error('told so'), { name }, more)

const row = { eventTimestamp: 0n, createdTimestamp: null, rowHash: '', features: [] }
const item = (airport: string) => encodeItem(weather, { ...row, keys: [airport] })
const airports = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
const keysOf = (names: readonly string[]) => names.map(airport => itemKey(weather, [airport]))

const wanted = (input: BatchGetItemCommandInput) => input.RequestItems?.[TABLE]?.Keys ?? []
type Keys = ReturnType<typeof wanted>
const answer = (found: Keys, left: Keys = []) => ({
  Responses: { [TABLE]: found },
  ...(left.length === 0 ? {} : { UnprocessedKeys: { [TABLE]: { Keys: left } } }),
})

beforeEach(() => {
  faulty.reset()
})

describe('reading', () => {
  it('asks again for keys that were left unprocessed, until it has all', async () => {
    faulty
      .on(BatchGetItemCommand)
      .callsFake(input => answer(wanted(input).slice(0, 30), wanted(input).slice(30)))
    const items = await store.read(keysOf(airports(250)))
    expect(items.map(one => one?.['pk']?.S)).toStrictEqual(
      airports(250).map(airport => `weather@1|${airport}`),
    )
  })

  it('asks for equal keys once', async () => {
    faulty.on(BatchGetItemCommand).callsFake(input => answer(wanted(input)))
    await store.read(keysOf(['a', 'b', 'a']))
    expect(
      faulty.commandCalls(BatchGetItemCommand).map(call => wanted(call.args[0].input).length),
    ).toStrictEqual([2])
  })

  it.each([
    ['throttling', throttled],
    ['a fault of the service', new InternalServerError(told)],
    ['a status beyond 500', named('Oops', { $metadata: { httpStatusCode: 503 } })],
    ['a timeout', named('TimeoutError')],
    ['a broken connection', named('Error', { code: 'ECONNRESET' })],
  ])('tries again after %s', async (_name, error) => {
    faulty
      .on(BatchGetItemCommand)
      .rejectsOnce(error)
      .callsFake(input => answer(wanted(input)))
    await expect(store.read(keysOf(['a']))).resolves.toMatchObject([{ pk: { S: 'weather@1|a' } }])
  })

  it('never answers not found for a key that stays unread: it names it', async () => {
    faulty.on(BatchGetItemCommand).callsFake(input => {
      const stuck = wanted(input).filter(({ pk }) => pk?.S?.endsWith('7'))
      return answer(
        wanted(input).filter(key => !stuck.includes(key)),
        stuck,
      )
    })
    const failed = store.read(keysOf(airports(20)))
    await expect(failed).rejects.toMatchObject({ retryable: true, keys: ['weather@1|7', 'weather@1|17'] })
    await expect(failed).rejects.toThrow(
      '2 of 20 keys could not be read from table online: weather@1|7, weather@1|17',
    )
    expect(faulty.commandCalls(BatchGetItemCommand)).toHaveLength(ATTEMPTS + 1)
  })

  it('gives up at once on what will not pass', async () => {
    faulty.on(BatchGetItemCommand).rejects(named('ValidationException'))
    await expect(store.read(keysOf(['a']))).rejects.toMatchObject({ retryable: false, keys: ['weather@1|a'] })
    expect(faulty.commandCalls(BatchGetItemCommand)).toHaveLength(1)
  })
})

describe('writing', () => {
  it('tries again what was throttled, and counts what was kept', async () => {
    faulty.on(PutItemCommand).rejectsOnce(throttled).rejectsOnce(kept).resolves({})
    expect(await store.write(airports(10).map(item))).toStrictEqual({ written: 9, kept: 1 })
    expect(faulty.commandCalls(PutItemCommand)).toHaveLength(11)
  })

  it('writes the others, and names the items that could not be written', async () => {
    faulty.on(PutItemCommand).callsFake(input => {
      if (input.Item.pk.S === 'weather@1|3') throw throttled
      return {}
    })
    await expect(store.write(airports(100).map(item))).rejects.toMatchObject({
      message: '1 of 100 items could not be written to table online: weather@1|3',
      retryable: true,
      keys: ['weather@1|3'],
      cause: throttled,
    })
    expect(faulty.commandCalls(PutItemCommand)).toHaveLength(99 + ATTEMPTS)
  })

  it('says that trying again is no use if one of the items is refused for good', async () => {
    faulty.on(PutItemCommand).rejectsOnce(named('ValidationException')).rejects(throttled)
    await expect(store.write(['a', 'b'].map(item))).rejects.toMatchObject({ retryable: false })
  })

  it('keeps so many requests under way and no more', async () => {
    let [now, most] = [0, 0]
    faulty.on(PutItemCommand).callsFake(async () => {
      most = Math.max(most, ++now)
      await new Promise(resolve => setTimeout(resolve, 1))
      now--
      return {}
    })
    await store.write(airports(200).map(item))
    expect(most).toBe(32)
  })

  it('names at most twenty items, and counts the rest', async () => {
    faulty.on(PutItemCommand).rejects(named('ValidationException'))
    await expect(store.write(airports(25).map(item))).rejects.toThrow(/weather@1\|19 and 5 more$/)
  })
})
