/** What a request's reads are charged, as DynamoDB Local counts it by DynamoDB's rule. */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { keyOfTexts } from '../../lib/online/entity-key.ts'

const BATCH = 100

/** Read units of the first `count` customers' items, eventually consistent. */
export async function readUnits(
  client: DynamoDBClient,
  table: string,
  view: string,
  count: number,
): Promise<number> {
  let units = 0
  for (let start = 0; start < count; start += BATCH) {
    const Keys = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => {
      const { pk, sk } = keyOfTexts(view, [`${start + i}`])
      return { pk: { S: pk }, sk: { S: sk } }
    })
    const { ConsumedCapacity = [] } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys } }, ReturnConsumedCapacity: 'TOTAL' }),
    )
    units += ConsumedCapacity.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
  }
  return units
}
