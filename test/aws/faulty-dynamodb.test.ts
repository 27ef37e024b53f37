/**
 * The proxy's faults must be possible on DynamoDB: it may leave keys of a batch, but never acknowledges a put that
 * was not done.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { encodeItem, itemKey } from '../../lib/online/item/item.ts'
import { weather } from '../online/plans.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { type FaultyDynamoDb, NO_FAULTS, startFaultyDynamoDb } from './faulty-dynamodb.ts'

let dynamo: EmbeddedDynamoDb
let faulty: FaultyDynamoDb
let client: DynamoDBClient
beforeAll(async () => {
  dynamo = await startEmbeddedDynamoDb()
  faulty = await startFaultyDynamoDb({ endpoint: dynamo.endpoint, seed: 1, maxDelayMs: 1 })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  client = new DynamoDBClient({ endpoint: faulty.endpoint, region: 'local', credentials })
  await createOnlineTable(client, 'online')
})
afterAll(async () => {
  client?.destroy()
  await faulty?.close()
  await dynamo?.close()
})

it('the faulty DynamoDB leaves keys of batches and does every put that it acknowledges', async () => {
  const online = dynamoOnlineStore({ client, table: 'online', retry: { attempts: 50, baseMs: 1, capMs: 1 } })
  const row = { eventTimestamp: 0n, createdTimestamp: null, rowHash: '', features: [] }
  const names = Array.from({ length: 20 }, (_, i) => `${i}`)
  const items = names.map(name => encodeItem(weather, { ...row, keys: [name] }))
  faulty.meet({ ...NO_FAULTS, unprocessed: 1 })
  await online.write(items)
  expect(await online.compareAndSet(items.map(item => ({ item, expectedVersion: null })))).not.toContain(true)
  expect(faulty.met.unprocessed).toBe(0)
  faulty.meet({ ...NO_FAULTS, unprocessed: 0.5 })
  const keys = names.map(name => itemKey(weather, [name]))
  for (let i = 0; i < 10; i++) expect(await online.read(keys)).not.toContain(undefined)
  expect(faulty.met.unprocessed).toBeGreaterThan(0)
})
