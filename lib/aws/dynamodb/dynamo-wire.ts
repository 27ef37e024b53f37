/** Item keys in DynamoDB's JSON, and the context of each online-store call. An {@link Item} is already DynamoDB JSON. */
import type { AttributeValue as SdkAttribute } from '@aws-sdk/client-dynamodb'
import type { Item, ItemKey } from '../../online/item/item.ts'
import type { Retry } from '../retry.ts'
import type { DynamoCall, OnWire } from './dynamo-call.ts'

export type WireKey = Record<'pk' | 'sk', { S: string }>
type WireItem = Readonly<Record<string, OnWire<SdkAttribute>>>

/** The codec writes items in DynamoDB's JSON: bytes are already base64. */
export const wireItem = (item: Item): WireItem => item as WireItem

export const wireKey = ({ pk, sk }: ItemKey): WireKey => ({ pk: { S: pk }, sk: { S: sk } })

/** Reads the keys that DynamoDB returns. */
export const wireKeys = (keys: readonly WireItem[]): WireKey[] =>
  keys.flatMap(({ pk, sk }) =>
    pk?.S === undefined || sk?.S === undefined ? [] : [wireKey({ pk: pk.S, sk: sk.S })],
  )

export interface OnlineTable {
  readonly call: DynamoCall
  readonly table: string
  readonly consistentRead: boolean
  /** Maximum number of concurrent requests of one call. */
  readonly concurrency: number
  readonly retry: Retry
}
