/**
 * DynamoDB's read operations on the local online store, for programs that use its protocol: GetItem, BatchGetItem,
 * Query, Scan, DescribeTable and ListTables. Unsupported fields are refused by name, never ignored.
 */
import * as z from 'zod/mini'
import { identityOf } from '../../online/item/entity-key.ts'
import { type Item, type ItemKey, keyOfItem } from '../../online/item/item.ts'
import type { SqliteOnlineStore } from './sqlite-online-store.ts'

/** The name of the only table. */
export const TABLE = 'quern-online'

/** An error in the form that DynamoDB's clients expect. */
export class OperationError extends Error {
  /** Such as `ValidationException`. */
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.name = 'OperationError'
    this.type = type
  }
}

const invalid = (message: string): OperationError => new OperationError('ValidationException', message)

const Text = z.strictObject({ S: z.string() })
const Key = z.strictObject({ pk: Text, sk: Text })
const Names = z.optional(z.record(z.string(), z.string()))
const Ignored = { ConsistentRead: z.optional(z.boolean()), ReturnConsumedCapacity: z.optional(z.string()) }
const Projected = { ProjectionExpression: z.optional(z.string()), ExpressionAttributeNames: Names }
const Paged = {
  TableName: z.string(),
  ...Ignored,
  ...Projected,
  Limit: z.optional(z.int().check(z.minimum(1))),
  ExclusiveStartKey: z.nullish(Key),
  Select: z.optional(z.enum(['ALL_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'])),
}

const GetInput = z.strictObject({ TableName: z.string(), Key, ...Ignored, ...Projected })
const BatchInput = z.strictObject({
  RequestItems: z.record(
    z.string(),
    z.strictObject({ Keys: z.array(Key).check(z.minLength(1), z.maxLength(100)), ...Ignored, ...Projected }),
  ),
  ReturnConsumedCapacity: Ignored.ReturnConsumedCapacity,
})
const ScanInput = z.strictObject(Paged)
const QueryInput = z.strictObject({
  ...Paged,
  KeyConditionExpression: z.string(),
  ExpressionAttributeValues: z.record(z.string(), Text),
  ScanIndexForward: z.optional(z.boolean()),
})
const DescribeInput = z.strictObject({ TableName: z.string() })
const ListInput = z.looseObject({})

type Projection = Pick<z.infer<typeof GetInput>, 'ProjectionExpression' | 'ExpressionAttributeNames'>

/** @throws {OperationError} that names a missing or unsupported field */
function parsed<T extends z.ZodMiniType>(shape: T, input: unknown): z.infer<T> {
  const { data, error } = z.safeParse(shape, input)
  if (error === undefined) return data as z.infer<T>
  const [issue] = error.issues
  const what = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.')
  throw invalid(`this local door, which only reads, does not take ${what || 'such a body'} here`)
}

function checkTable(name: string): void {
  if (name !== TABLE)
    throw new OperationError('ResourceNotFoundException', `there is no table '${name}' but ${TABLE}`)
}

/** Resolves an attribute name or its placeholder in an expression. */
function named(word: string, names: Readonly<Record<string, string>> = {}): string {
  const name = word.startsWith('#') ? names[word] : word
  if (name === undefined || !/^#?\w+$/.test(word))
    throw invalid(`'${word}' in an expression is no attribute's name, nor a placeholder that has one`)
  return name
}

/** Attribute names of the projection; undefined: all. */
const projectedNames = ({ ProjectionExpression: list, ExpressionAttributeNames: names }: Projection) =>
  list?.split(',').map(word => named(word.trim(), names))

function projected(item: Item, names: readonly string[] | undefined): Item {
  if (names === undefined) return item
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

const keyOf = ({ pk, sk }: z.infer<typeof Key>): ItemKey => ({ pk: pk.S, sk: sk.S })

async function getItem(store: SqliteOnlineStore, input: unknown): Promise<object> {
  const request = parsed(GetInput, input)
  checkTable(request.TableName)
  const [item] = await store.read([keyOf(request.Key)])
  return item === undefined ? {} : { Item: projected(item, projectedNames(request)) }
}

async function batchGetItem(store: SqliteOnlineStore, input: unknown): Promise<object> {
  const { RequestItems: tables } = parsed(BatchInput, input)
  const responses: Record<string, readonly Item[]> = {}
  for (const [table, request] of Object.entries(tables)) {
    checkTable(table)
    const keys = request.Keys.map(keyOf)
    if (new Set(keys.map(identityOf)).size < keys.length)
      throw invalid('Provided list of item keys contains duplicates')
    const items = await store.read(keys)
    const names = projectedNames(request)
    responses[table] = items.flatMap(item => (item === undefined ? [] : [projected(item, names)]))
  }
  return { Responses: responses, UnprocessedKeys: {} }
}

/** DynamoDB's limit on the size of a page. */
const PAGE_BYTES = 1024 * 1024
/** Maximum number of items read for one page. */
const PAGE_ITEMS = 10_000

/** Number of items that fit in a page; at least one. */
function fitting(items: readonly Item[]): number {
  let bytes = 0
  for (const [i, item] of items.entries()) {
    bytes += JSON.stringify(item).length
    if (bytes > PAGE_BYTES) return Math.max(1, i)
  }
  return items.length
}

type Page = Pick<z.infer<typeof ScanInput>, 'Limit' | 'Select'> & Projection

/** @param items the next items; more than fit in a page if more exist */
function pageOf(items: readonly Item[], request: Page): object {
  const page = items.slice(0, Math.min(fitting(items), request.Limit ?? items.length))
  const names = projectedNames(request)
  const last = page.length < items.length || items.length >= PAGE_ITEMS ? page.at(-1) : undefined
  return {
    ...(request.Select === 'COUNT' ? {} : { Items: page.map(item => projected(item, names)) }),
    Count: page.length,
    ScannedCount: page.length,
    ...(last === undefined ? {} : { LastEvaluatedKey: { pk: last['pk'], sk: last['sk'] } }),
  }
}

function scan(store: SqliteOnlineStore, input: unknown): object {
  const request = parsed(ScanInput, input)
  checkTable(request.TableName)
  const after = request.ExclusiveStartKey ? keyOf(request.ExclusiveStartKey) : undefined
  const limit = Math.min(PAGE_ITEMS, (request.Limit ?? PAGE_ITEMS - 1) + 1)
  return pageOf(store.page({ after, limit }), request)
}

const ONE = /^(#?\w+)\s*=\s*(:\w+)$/
const BEGINS = /^begins_with\s*\(\s*(#?\w+)\s*,\s*(:\w+)\s*\)$/i

/** Parses a key condition: `pk = :a`, optionally with `AND` and either `sk = :b` or `begins_with(sk, :b)`. */
function condition(request: z.infer<typeof QueryInput>) {
  const {
    KeyConditionExpression: text,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  } = request
  const [first = '', second, ...more] = text
    .trim()
    .replace(/^\((.*)\)$/s, '$1')
    .split(/\s+AND\s+/i)
  const [, pkName = '', pkValue = ''] = ONE.exec(first.trim()) ?? []
  const equal = ONE.exec(second?.trim() ?? '')
  const [, skName = '', skValue = ''] = equal ?? BEGINS.exec(second?.trim() ?? '') ?? []
  const [pk, sk] = [values[pkValue]?.S, values[skValue]?.S]
  const isKnown = pkName !== '' && named(pkName, names) === 'pk' && pk !== undefined && more.length === 0
  const isSecondKnown =
    second === undefined || (skName !== '' && named(skName, names) === 'sk' && sk !== undefined)
  if (!isKnown || !isSecondKnown)
    throw invalid(
      'KeyConditionExpression: this local door takes pk = :a, and with AND sk = :b or begins_with(sk, :b)',
    )
  const has = (text: string): boolean =>
    sk === undefined || (equal === null ? text.startsWith(sk) : text === sk)
  return { pk, has }
}

function query(store: SqliteOnlineStore, input: unknown): object {
  const request = parsed(QueryInput, input)
  checkTable(request.TableName)
  const { pk, has } = condition(request)
  const found = store.page({ pk, limit: PAGE_ITEMS - 1 }).filter(item => has(keyOfItem(item).sk))
  const ordered = request.ScanIndexForward === false ? found.toReversed() : found
  const after = request.ExclusiveStartKey?.sk.S
  const from = after === undefined ? 0 : ordered.findIndex(item => keyOfItem(item).sk === after) + 1
  return pageOf(ordered.slice(from), request)
}

function describeTable(input: unknown): object {
  checkTable(parsed(DescribeInput, input).TableName)
  const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type })
  return {
    Table: {
      TableName: TABLE,
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:local:000000000000:table/${TABLE}`,
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      AttributeDefinitions: ['pk', 'sk'].map(name => ({ AttributeName: name, AttributeType: 'S' })),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    },
  }
}

/** @throws {OperationError} */
export async function operate(store: SqliteOnlineStore, operation: string, input: unknown): Promise<object> {
  switch (operation) {
    case 'GetItem':
      return getItem(store, input)
    case 'BatchGetItem':
      return batchGetItem(store, input)
    case 'Query':
      return query(store, input)
    case 'Scan':
      return scan(store, input)
    case 'DescribeTable':
      return describeTable(input)
    case 'ListTables':
      parsed(ListInput, input)
      return { TableNames: [TABLE] }
    default:
      throw new OperationError(
        'AccessDeniedException',
        `${operation}: this local door only reads; rows are written by quern materialize and quern push`,
      )
  }
}
