/** Semantics of the store on a server that speaks DynamoDB's wire protocol. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../../lib/aws/dynamodb/dynamo-online-table.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import { weather } from '../../online/plans.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'
import { itemOf, itIsAnOnlineStore, itRemovesViews } from '../online-store-suite.ts'

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
  itRemovesViews(store)

  it('reports the number of removed items page by page', async () => {
    const told: number[] = []
    const items = Array.from({ length: 3 }, (_, i) => itemOf(`P${i}`, 1n))
    await store().write(items)
    const removed = await store().remove('weather@1', count => told.push(count))
    expect(told.at(-1)).toBe(removed)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
  })

  it('creates its table once even if it is requested several times', async () => {
    await expect(createOnlineTable(client, TABLE)).resolves.toBeUndefined()
  })

  it('names the missing table and reports that a retry does not help', async () => {
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
