/** What the store means, on a server that speaks DynamoDB's wire protocol. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamo-online-table.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts'
import { encodeItem, itemKey } from '../../lib/online/item.ts'
import { weather } from '../online/plans.ts'
import { itemOf, itIsAnOnlineStore } from './online-store-suite.ts'

const TABLE = 'online'

describe('the online store on DynamoDB', () => {
  let server: EmbeddedDynamoDb
  let client: DynamoDBClient
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
    client = server.client()
    await createOnlineTable(client, TABLE)
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  const store = () => dynamoOnlineStore({ client, table: TABLE })
  itIsAnOnlineStore({ store, another: store })

  it("removes a view's items and how far it was materialized, and nothing of others", async () => {
    const one = { ...weather, key: 'gone@1' }
    const item = (view: typeof weather, i: number) =>
      encodeItem(view, {
        keys: [`${i}`],
        eventTimestamp: 0n,
        createdTimestamp: null,
        rowHash: '',
        features: [],
      })
    const rows = Array.from({ length: 40 }, (_, i) => i)
    await store().write(rows.flatMap(i => [item(one, i), item({ ...one, key: 'gone@10' }, i)]))
    const mark = { table: 't', sequence: 1, to: 0n }
    await store().advance('gone@1', mark)
    await store().advance('gone@10', mark)
    expect(await store().remove('gone@1')).toBe(40)
    expect(await store().remove('gone@1')).toBe(0)
    expect([await store().count('gone@1'), await store().count('gone@10')]).toEqual([0, 40])
    expect([await store().watermark('gone@1'), await store().watermark('gone@10')]).toEqual([null, mark])
  })

  it('makes its table once, however often it is asked', async () => {
    await expect(createOnlineTable(client, TABLE)).resolves.toBeUndefined()
  })

  it('says which table is missing, and that trying again is no use', async () => {
    const lost = dynamoOnlineStore({ client, table: 'lost' })
    const error = { name: 'OnlineStoreError', retryable: false, keys: ['weather@1|A'] }
    await expect(lost.read([itemKey(weather, ['A'])])).rejects.toMatchObject(error)
    await expect(lost.write([itemOf('A', 1n)])).rejects.toMatchObject(error)
    await expect(lost.watermark('weather@1')).rejects.toMatchObject({
      ...error,
      keys: ['watermark|weather@1'],
    })
  })
})
