/** Read units of a request, as DynamoDB Local counts them. */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ItemKey, keyOfTexts } from '../../lib/online/item/entity-key.ts'

const BATCH = 100

/** Read units of items, eventually consistent; no key may come twice. */
export async function unitsOf(
  client: DynamoDBClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<number> {
  let units = 0
  const left = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }))
  while (left.length > 0) {
    const { ConsumedCapacity = [], UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: left.splice(0, BATCH) } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    )
    units += ConsumedCapacity.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
    // The keys are those that were sent.
    left.push(...((UnprocessedKeys?.[table]?.Keys ?? []) as typeof left))
  }
  return units
}

/** Read units of the first `count` customers' rows. */
export const readUnits = (
  client: DynamoDBClient,
  table: string,
  view: string,
  count: number,
): Promise<number> =>
  unitsOf(
    client,
    table,
    Array.from({ length: count }, (_, i) => keyOfTexts(view, [`${i}`])),
  )
