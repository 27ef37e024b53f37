/** Keys as DynamoDB's JSON has them (an {@link Item} is such JSON itself), and what every call of the online store needs. */
import type { AttributeValue as SdkAttribute } from '@aws-sdk/client-dynamodb'
import type { Item, ItemKey } from '../../online/item/item.ts'
import type { Retry } from '../retry.ts'
import type { DynamoCall, OnWire } from './dynamo-call.ts'

export type WireKey = Record<'pk' | 'sk', { S: string }>
type WireItem = Readonly<Record<string, OnWire<SdkAttribute>>>

/** What the codec wrote is DynamoDB's JSON already: its bytes are base64. */
export const wireItem = (item: Item): WireItem => item as WireItem

export const wireKey = ({ pk, sk }: ItemKey): WireKey => ({ pk: { S: pk }, sk: { S: sk } })

/** Keys as the service gives them back. */
export const wireKeys = (keys: readonly WireItem[]): WireKey[] =>
  keys.flatMap(({ pk, sk }) =>
    pk?.S === undefined || sk?.S === undefined ? [] : [wireKey({ pk: pk.S, sk: sk.S })],
  )

export interface OnlineTable {
  readonly call: DynamoCall
  readonly table: string
  readonly consistentRead: boolean
  /** Requests under way at a time, in one call. */
  readonly concurrency: number
  readonly retry: Retry
}
