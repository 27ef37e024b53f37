/**
 * Fills quern's online table in batches, unconditionally: the items are those that materialization would write, and how
 * fast it does is another question. Makes the data first; the peer reads the same files.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BatchWriteItemCommand, DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { compile } from '../../lib/compiler/compile.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { type Plan, viewOf } from '../../lib/plan/plan.ts'
import type { Row } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { END_MS, eventsSql, VIEWS } from '../data.ts'
import { phase } from '../phase.ts'
import { definitions, WIDTHS, wideFeatures } from './definitions.ts'

export interface FillInput {
  readonly endpoint: string
  readonly table: string
  /** Gets a Parquet file for each narrow view. */
  readonly data: string
  readonly entities: number
  /** Of the wide views. */
  readonly wideEntities: number
}

const BATCH = 25
const CONCURRENCY = 8

/** DynamoDB's JSON is the item's own; the SDK's command takes bytes otherwise, and none of these features has any. */
const put = (item: Item): WriteRequest => ({ PutRequest: { Item: item as Record<string, never> } })

async function write(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  const starts = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => i * BATCH).values()
  const work = async (): Promise<void> => {
    for (const start of starts) {
      let pending: WriteRequest[] = items.slice(start, start + BATCH).map(put)
      while (pending.length > 0) {
        const { UnprocessedItems } = await client.send(
          new BatchWriteItemCommand({ RequestItems: { [table]: pending } }),
        )
        pending = UnprocessedItems?.[table] ?? []
        if (pending.length > 0) await sleep(20)
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
}

function itemsOf(plan: Plan, name: string, rows: readonly Row[]): Item[] {
  const view = viewOf(plan, `${name}@1`)
  return rows.map(row =>
    encodeItem(view, {
      keys: view.joinKeys.map(key => row[key.name] ?? null),
      // DuckDB's timestamps are microseconds.
      eventTimestamp: row['event_timestamp'] as bigint,
      createdTimestamp: null,
      rowHash: '',
      features: view.features.map(feature => row[feature.name] ?? null),
    }),
  )
}

const wideValue = (i: number, type: string): Value =>
  type === 'string' ? `segment-${i % 1_000}` : type === 'int64' ? BigInt(i * 31) : (i * 997) / 1_000

function wideRows(width: number, count: number): Row[] {
  const features = wideFeatures(width)
  return Array.from({ length: count }, (_, i) => ({
    customer_id: BigInt(i),
    event_timestamp: microsOf(END_MS - 3_600_000),
    ...Object.fromEntries(features.map(({ name, type }, at) => [name, wideValue(i + at, type)])),
  }))
}

await phase<FillInput>(async ({ endpoint, table, data, entities, wideEntities }) => {
  const plan = compile(definitions)
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials })
  await createOnlineTable(client, table)
  await mkdir(data, { recursive: true })
  const engine = await openDuckDb({ scratch: join(data, 'scratch') })
  const shape = { rows: entities, entities, spineRows: 0 }
  for (const name of VIEWS) {
    // Whole seconds: ten thousand rows' timestamps then fit into one answer.
    const seconds = `select * replace (date_trunc('second', event_timestamp) as event_timestamp) from (${eventsSql(name, shape)})`
    const path = join(data, `${name}.parquet`)
    await engine.unload(seconds, path)
    await write(
      client,
      table,
      itemsOf(plan, name, await engine.rows(`select * from ${engine.files([path], 'parquet')}`)),
    )
  }
  await engine.close()
  for (const width of WIDTHS)
    await write(client, table, itemsOf(plan, `wide_${width}`, wideRows(width, wideEntities)))
  client.destroy()
  return {}
})
