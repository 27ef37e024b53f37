/** Which items a request for windows reads, and what DynamoDB charges for them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ItemKey } from '../../lib/online/item/entity-key.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { unitsOf } from '../serving/read-units.ts'
import { SERVICE } from './definitions.ts'
import { NOW_MS } from './orders.ts'
import type { World } from './right-answers.ts'

export interface RequestUnits {
  /** Entities in the request. */
  readonly keys: number
  readonly items: number
  /** Eventually consistent. */
  readonly readUnits: number
}

export async function requestUnits(
  client: DynamoDBClient,
  table: string,
  { plan, online }: World,
  keys: number,
): Promise<RequestUnits> {
  const asked: ItemKey[] = []
  const told = {
    ...online,
    read: (items: readonly ItemKey[]) => {
      asked.push(...items)
      return online.read(items)
    },
  }
  const customers = Array.from({ length: keys }, (_, i) => i)
  const body = JSON.stringify({ feature_service: SERVICE, entities: { customer_id: customers } })
  await onlineFeatures({ plan, online: told, clock: { now: () => NOW_MS } })(body)
  return { keys, items: asked.length, readUnits: await unitsOf(client, table, asked) }
}
