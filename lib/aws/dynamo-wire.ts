/** Keys and items as the SDK has them, and what every call of the online store needs. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Item, ItemKey } from '../online/item.ts'
import type { Retry } from './retry.ts'

export type WireKey = Record<'pk' | 'sk', { S: string }>
type WireItem = Record<string, unknown>

export const wireKey = ({ pk, sk }: ItemKey): WireKey => ({ pk: { S: pk }, sk: { S: sk } })

/** Keys as the service gives them back. */
export const wireKeys = (keys: readonly Readonly<Record<string, { readonly S?: string }>>[]): WireKey[] =>
  keys.flatMap(({ pk, sk }) =>
    pk?.S === undefined || sk?.S === undefined ? [] : [wireKey({ pk: pk.S, sk: sk.S })],
  )

/** One text a key: the length keeps pk and sk apart. */
export const identity = ({ pk, sk }: ItemKey): string => `${pk.length}:${pk}${sk}`

/** Items hold only what {@link Item} knows, for only `write` makes them; a foreign attribute fails in the codec. */
export const itemOf = (wire: WireItem): Item => wire as Item

export interface OnlineTable {
  readonly client: DynamoDBClient
  readonly table: string
  readonly consistentRead: boolean
  /** Requests under way at a time, in one call. */
  readonly concurrency: number
  readonly retry: Retry
}
