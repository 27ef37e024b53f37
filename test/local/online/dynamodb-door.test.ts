/** The SDK's client, and hostile clients, on the local DynamoDB endpoint. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchGetItemCommand,
  DescribeTableCommand,
  DynamoDB,
  type DynamoDBClientConfig,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DynamoDbDoor, openDynamoDbDoor } from '../../../lib/local/online/dynamodb-door.ts'
import {
  openSqliteOnlineStore,
  type SqliteOnlineStore,
} from '../../../lib/local/online/sqlite-online-store.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import { read } from '../../../lib/reader.ts'
import { itemOf } from '../../aws/online-store-suite.ts'
import { weather } from '../../online/plans.ts'

const CREDENTIALS = { accessKeyId: 'local-dynamodb', secretAccessKey: 'a secret' }
const TableName = 'quern-online'
const NOW_MS = 1_704_067_200_000

let root: string
let store: SqliteOnlineStore
let door: DynamoDbDoor
let client: DynamoDB

const clientOf = (more: Partial<DynamoDBClientConfig> = {}) =>
  new DynamoDB({ endpoint: door.url, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 1, ...more })

const keyOf = (airport: string) => {
  const { pk, sk } = itemKey(weather, [airport])
  return { pk: { S: pk }, sk: { S: sk } }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quern-door-'))
  store = await openSqliteOnlineStore(join(root, 'online'))
  door = await openDynamoDbDoor({ store, credentials: CREDENTIALS })
  client = clientOf()
  await store.write(
    Array.from({ length: 250 }, (_, i) => itemOf(`n-${String(i).padStart(3, '0')}`, BigInt(NOW_MS) * 1_000n)),
  )
  await store.compareAndSet(
    ['day|1', 'day|2', 'segment|1'].map(sk => ({
      item: { pk: { S: 'tiles@1|a' }, sk: { S: sk }, version: { N: '1' } },
      expectedVersion: null,
    })),
  )
})
afterAll(async () => {
  client.destroy()
  await door.close()
  store.close()
  await rm(root, { recursive: true })
})

describe('a DynamoDB client', () => {
  it('gets single items and batches with the requested attributes', async () => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf('n-007') }))
    expect(Item).toStrictEqual(itemOf('n-007', BigInt(NOW_MS) * 1_000n))
    expect((await client.send(new GetItemCommand({ TableName, Key: keyOf('none') }))).Item).toBeUndefined()
    const RequestItems = {
      [TableName]: {
        Keys: [keyOf('n-001'), keyOf('none'), keyOf('n-002')],
        ProjectionExpression: 'pk, #e',
        ExpressionAttributeNames: { '#e': 'event_timestamp' },
      },
    }
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems }))
    expect(Responses?.[TableName]).toHaveLength(2)
    expect(Object.keys(Responses?.[TableName]?.[0] ?? {}).sort()).toStrictEqual(['event_timestamp', 'pk'])
  })

  it('reads features by quern/reader', async () => {
    const readings = await read(client, TableName, weather, [{ airport: 'n-003' }, { airport: 'none' }], {
      nowMs: NOW_MS,
    })
    expect(readings.map(({ status }) => status)).toStrictEqual(['PRESENT', 'NOT_FOUND'])
  })

  it('scans all items page by page and counts them', async () => {
    const seen: (string | undefined)[] = []
    for await (const page of paginateScan({ client, pageSize: 60 }, { TableName }))
      seen.push(...(page.Items ?? []).map(item => item['pk']?.S))
    expect(seen).toHaveLength(253)
    expect(new Set(seen).size).toBe(251)
    expect((await client.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count).toBe(253)
  })

  it('queries the items of one key forwards, backwards, by prefix and page by page', async () => {
    const values = { ':pk': { S: 'tiles@1|a' } }
    const query = async (more: object) => {
      const { Items = [], LastEvaluatedKey: last } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: values,
          ...more,
        }),
      )
      return { sks: Items.map(item => item['sk']?.S), last: last?.['sk']?.S }
    }
    expect(await query({})).toStrictEqual({ sks: ['day|1', 'day|2', 'segment|1'], last: undefined })
    const back = { ScanIndexForward: false, Limit: 2 }
    expect(await query(back)).toStrictEqual({ sks: ['segment|1', 'day|2'], last: 'day|2' })
    const ExclusiveStartKey = { pk: { S: 'tiles@1|a' }, sk: { S: 'day|2' } }
    expect((await query({ ...back, ExclusiveStartKey })).sks).toStrictEqual(['day|1'])
    const begins = {
      KeyConditionExpression: '(#a = :pk AND begins_with(#b, :day))',
      ExpressionAttributeNames: { '#a': 'pk', '#b': 'sk' },
      ExpressionAttributeValues: { ...values, ':day': { S: 'day|' } },
    }
    expect((await query(begins)).sks).toStrictEqual(['day|1', 'day|2'])
  })

  it('describes and lists the only table', async () => {
    expect((await client.send(new ListTablesCommand({}))).TableNames).toStrictEqual([TableName])
    const { Table } = await client.send(new DescribeTableCommand({ TableName }))
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
    })
    await expect(client.send(new DescribeTableCommand({ TableName: 'other' }))).rejects.toThrow(
      /no table 'other'/,
    )
  })

  it.each([
    ['a write', new PutItemCommand({ TableName, Item: keyOf('x') }), /PutItem: this local door only reads/],
    [
      'a filter',
      new ScanCommand({
        TableName,
        FilterExpression: 'a = :a',
        ExpressionAttributeValues: { ':a': { S: 'x' } },
      }),
      /does not take FilterExpression/,
    ],
    [
      'a key of another form',
      new GetItemCommand({ TableName, Key: { pk: { S: 'x' } } }),
      /does not take Key.sk/,
    ],
    [
      'a nested projection',
      new GetItemCommand({ TableName, Key: keyOf('n-001'), ProjectionExpression: 'a.b' }),
      /'a.b' in an expression/,
    ],
    [
      'a range of keys',
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :a AND sk > :a',
        ExpressionAttributeValues: { ':a': { S: 'x' } },
      }),
      /takes pk = :a/,
    ],
  ])('gets a refusal of %s by its name', async (_name, command, message) => {
    // Each command type fits this client.
    await expect(client.send(command as GetItemCommand)).rejects.toThrow(message)
  })

  it.each([
    ['another secret', { credentials: { ...CREDENTIALS, secretAccessKey: 'guessed' } }],
    ['another key', { credentials: { ...CREDENTIALS, accessKeyId: 'local' } }],
    ['a clock of yesterday', { systemClockOffset: -86_400_000 }],
  ])('is refused with %s', async (_name, more) => {
    const other = clientOf(more)
    await expect(other.send(new GetItemCommand({ TableName, Key: keyOf('n-001') }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
    other.destroy()
  })
})

/** Sends a request without the SDK. */
const ask = (init: RequestInit) => fetch(door.url, { method: 'POST', ...init })

describe('the DynamoDB endpoint', () => {
  it('answers no unsigned request and sends no CORS header', async () => {
    const headers = { 'x-amz-target': 'DynamoDB_20120810.Scan', origin: 'https://example.com' }
    const response = await ask({ headers, body: JSON.stringify({ TableName }) })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      __type: expect.stringContaining('MissingAuthenticationToken'),
    })
    const preflight = await ask({ method: 'OPTIONS', headers })
    for (const { headers: given } of [response, preflight])
      expect([...given.keys()].filter(name => name.startsWith('access-control'))).toStrictEqual([])
  })

  it.each(['null', '[]', '""', '{', '', '{"TableName":null}'])('survives the body %s', async body => {
    expect((await ask({ body })).status).toBe(400)
    await expect(client.send(new ListTablesCommand({}))).resolves.toMatchObject({ TableNames: [TableName] })
  })

  it('survives a body that is too long and broken connections', async () => {
    expect((await ask({ body: 'x'.repeat(2 * 1024 * 1024) }).catch(() => ({ status: 400 }))).status).toBe(400)
    for (const text of ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{', 'nonsense\r\n\r\n']) {
      const socket = connect(Number(new URL(door.url).port), '127.0.0.1')
      await new Promise(resolve => socket.once('connect', resolve))
      socket.write(text)
      await new Promise(resolve => setTimeout(resolve, 20))
      socket.destroy()
    }
    await expect(client.send(new ListTablesCommand({}))).resolves.toMatchObject({ TableNames: [TableName] })
  })
})
