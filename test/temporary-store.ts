/** A whole local store in a folder of its own, for tests: real engine, real files, real wire protocol. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoOnlineStore } from '../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../lib/aws/dynamo-online-table.ts'
import { compile } from '../lib/compiler/compile.ts'
import type { Column, Plan } from '../lib/compiler/plan.ts'
import type { Value } from '../lib/definition/value-types.ts'
import { type DuckDbEngine, openDuckDb } from '../lib/local/duckdb-engine.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../lib/local/embedded-dynamodb.ts'
import { fileSources } from '../lib/local/file-sources.ts'
import { folderObjectStore } from '../lib/local/folder-object-store.ts'
import { folderPushedLines } from '../lib/local/folder-pushed-rows.ts'
import { parquetOfflineStore } from '../lib/local/parquet-offline-store.ts'
import type { ObjectStore, OfflineStore, OnlineStore, PushedLines, SourceReader } from '../lib/runtime.ts'
import { rowsSelect } from './oracle/sql-values.ts'

export interface TemporaryStore {
  readonly root: string
  readonly plan: Plan
  readonly engine: DuckDbEngine
  readonly offline: OfflineStore
  readonly online: OnlineStore
  /** Of the online table's server, and the table's name there. */
  readonly client: DynamoDBClient
  readonly table: string
  readonly objects: ObjectStore
  readonly sources: SourceReader
  readonly pushedLines: PushedLines
  /** Milliseconds; tests set it. */
  readonly clock: { now: () => number }
  readonly principal: string
  readonly setNow: (ms: number) => void
  /** Makes `<root>/<path>` a Parquet file of these rows, in place of what was there. */
  readonly writeSource: (
    path: string,
    columns: readonly Column[],
    rows: readonly (readonly Value[])[],
  ) => Promise<void>
  /** The same store under other definitions. */
  readonly under: (definitions: readonly unknown[]) => TemporaryStore
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface TemporaryStoreProps {
  readonly definitions: readonly unknown[]
  readonly now?: number
  /** One server may serve many stores, each with a table of its own. @default a server of its own, in memory */
  readonly server?: EmbeddedDynamoDb
}

let tables = 0

export async function temporaryStore({
  definitions,
  now = 0,
  server,
}: TemporaryStoreProps): Promise<TemporaryStore> {
  const root = await mkdtemp(join(tmpdir(), 'quern-'))
  const engine = await openDuckDb({ scratch: join(root, 'scratch') })
  const dynamo = server ?? (await startEmbeddedDynamoDb())
  const client = dynamo.client()
  const table = `online-${++tables}`
  await createOnlineTable(client, table)
  let ms = now
  const store = (plan: Plan): TemporaryStore => ({
    root,
    plan,
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    online: dynamoOnlineStore({ client, table, consistentRead: true }),
    client,
    table,
    objects: folderObjectStore(root),
    sources: fileSources({ root, engine }),
    pushedLines: folderPushedLines({ objects: folderObjectStore(root), engine }),
    clock: { now: () => ms },
    principal: 'somebody',
    setNow: value => {
      ms = value
    },
    writeSource: async (path, columns, rows) => {
      await rm(join(root, path), { force: true })
      await engine.unload(rowsSelect(engine.dialect, columns, rows), join(root, path))
    },
    under: others => store(compile(others)),
    [Symbol.asyncDispose]: async () => {
      engine.close()
      client.destroy()
      if (server === undefined) await dynamo.close()
      await rm(root, { recursive: true })
    },
  })
  return store(compile(definitions))
}
