/** A loss: items that go from a table behind its store's back. */
import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { REGION } from './lane.ts'

/** Removes all items whose `pk` begins so. @returns how many there were */
export async function removeItems(table: string, prefixes: readonly string[]): Promise<number> {
  const dynamo = new DynamoDBClient({ region: REGION })
  const names = prefixes.map((_, i) => `:prefix${i}`)
  const pages = paginateScan(
    { client: dynamo },
    {
      TableName: table,
      ProjectionExpression: 'pk, sk',
      FilterExpression: names.map(name => `begins_with(pk, ${name})`).join(' OR '),
      ExpressionAttributeValues: Object.fromEntries(names.map((name, i) => [name, { S: prefixes[i] ?? '' }])),
    },
  )
  const keys = (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => Items)
  for (const Key of keys) await dynamo.send(new DeleteItemCommand({ TableName: table, Key }))
  dynamo.destroy()
  return keys.length
}
