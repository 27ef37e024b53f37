/** Keys and items as DynamoDB's JSON has them, and what every call of the online store needs. */
import type { AttributeValue as SdkAttribute } from '@aws-sdk/client-dynamodb'
import type { AttributeValue, Item, ItemKey } from '../online/item.ts'
import type { DynamoCall, OnWire } from './dynamo-call.ts'
import type { Retry } from './retry.ts'

export type WireKey = Record<'pk' | 'sk', { S: string }>
type WireAttribute = OnWire<SdkAttribute>
type WireItem = Readonly<Record<string, WireAttribute>>

export const wireKey = ({ pk, sk }: ItemKey): WireKey => ({ pk: { S: pk }, sk: { S: sk } })

/** Keys as the service gives them back. */
export const wireKeys = (keys: readonly WireItem[]): WireKey[] =>
  keys.flatMap(({ pk, sk }) =>
    pk?.S === undefined || sk?.S === undefined ? [] : [wireKey({ pk: pk.S, sk: sk.S })],
  )

/** One text a key: the length keeps pk and sk apart. */
export const identity = ({ pk, sk }: ItemKey): string => `${pk.length}:${pk}${sk}`

function toWire(attribute: AttributeValue): WireAttribute {
  if (attribute.B !== undefined) return { B: Buffer.from(attribute.B).toString('base64') }
  return attribute.L === undefined ? attribute : { L: attribute.L.map(toWire) }
}

/** An attribute is of a kind that {@link Item} knows, for only `write` makes items; a foreign one fails in the codec. */
function fromWire(attribute: WireAttribute): AttributeValue {
  if (attribute.B !== undefined) return { B: new Uint8Array(Buffer.from(attribute.B, 'base64')) }
  return attribute.L === undefined ? (attribute as AttributeValue) : { L: attribute.L.map(fromWire) }
}

function mapped<A, B>(item: Readonly<Record<string, A>>, map: (attribute: A) => B): Record<string, B> {
  const result: Record<string, B> = {}
  for (const [name, attribute] of Object.entries(item)) result[name] = map(attribute)
  return result
}

export const wireItem = (item: Item): WireItem => mapped(item, toWire)

export const itemOf = (wire: WireItem): Item => mapped(wire, fromWire)

export interface OnlineTable {
  readonly call: DynamoCall
  readonly table: string
  readonly consistentRead: boolean
  /** Requests under way at a time, in one call. */
  readonly concurrency: number
  readonly retry: Retry
}
