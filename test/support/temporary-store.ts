/** A complete local store in a temporary folder, with the real engine and real files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { compile } from '../../lib/compiler/compile.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { folderObjectStore } from '../../lib/local/files/folder-object-store.ts'
import { parquetOfflineStore } from '../../lib/local/offline/parquet-offline-store.ts'
import { openSqliteOnlineStore, type SqliteOnlineStore } from '../../lib/local/online/sqlite-online-store.ts'
import { fileSources } from '../../lib/local/sources/file-sources.ts'
import { folderPushedLines } from '../../lib/local/streams/folder-pushed-rows.ts'
import type { Column, Plan } from '../../lib/plan/plan.ts'
import type {
  ObjectStore,
  OfflineStore,
  PushedLines,
  RemovableOnlineStore,
  SourceReader,
} from '../../lib/runtime.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import type { EmbeddedDynamoDb } from './embedded-dynamodb.ts'

export interface TemporaryStore {
  readonly root: string
  readonly plan: Plan
  readonly engine: DuckDbEngine
  readonly offline: OfflineStore
  readonly online: RemovableOnlineStore
  /** The online table on the server; undefined if items are in a file. */
  readonly dynamo: { readonly client: DynamoDBClient; readonly table: string } | undefined
  /** The store in a file; undefined if items are on a server. */
  readonly file: SqliteOnlineStore | undefined
  readonly objects: ObjectStore
  readonly sources: SourceReader
  readonly pushedLines: PushedLines
  /** Current time in milliseconds; tests set it. */
  readonly clock: { now: () => number }
  readonly principal: string
  readonly setNow: (ms: number) => void
  /** Replaces `<root>/<path>` with a Parquet file of these rows. */
  readonly writeSource: (
    path: string,
    columns: readonly Column[],
    rows: readonly (readonly Value[])[],
  ) => Promise<void>
  /** The same store with other definitions. */
  readonly under: (definitions: readonly unknown[]) => TemporaryStore
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The name of a store's online table on its server. */
export function tableOf({ dynamo }: Pick<TemporaryStore, 'dynamo'>): string {
  if (dynamo === undefined) throw new Error('the items of this store lie in a file')
  return dynamo.table
}

export interface TemporaryStoreProps {
  readonly definitions: readonly unknown[]
  readonly now?: number
  /** Server for items; each store has its own table. @default an SQLite file, as in a local store */
  readonly server?: EmbeddedDynamoDb
}

/** Every second generated store uses the server and the others use files, so both kinds get the same tests. */
export const onEither = (seed: number, server: EmbeddedDynamoDb): Pick<TemporaryStoreProps, 'server'> =>
  seed % 2 === 0 ? { server } : {}

let tables = 0

interface OpenOnline {
  readonly online: RemovableOnlineStore
  readonly dynamo: TemporaryStore['dynamo']
  readonly file: TemporaryStore['file']
  readonly close: () => void
}

async function onlineOn(server: EmbeddedDynamoDb): Promise<OpenOnline> {
  const client = server.client()
  const table = `online-${++tables}`
  await createOnlineTable(client, table)
  return {
    online: dynamoOnlineStore({ client, table, consistentRead: true }),
    dynamo: { client, table },
    file: undefined,
    close: () => client.destroy(),
  }
}

async function onlineIn(folder: string): Promise<OpenOnline> {
  const online = await openSqliteOnlineStore(folder)
  return { online, dynamo: undefined, file: online, close: online.close }
}

export async function temporaryStore({
  definitions,
  now = 0,
  server,
}: TemporaryStoreProps): Promise<TemporaryStore> {
  const root = await mkdtemp(join(tmpdir(), 'quern-'))
  const engine = await openDuckDb({ scratch: join(root, 'scratch') })
  const { online, dynamo, file, close } = await (server === undefined
    ? onlineIn(join(root, 'online'))
    : onlineOn(server))
  let ms = now
  const store = (plan: Plan): TemporaryStore => ({
    root,
    plan,
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    online,
    dynamo,
    file,
    objects: folderObjectStore(root),
    sources: fileSources({ root, engine, scratch: join(root, 'scratch') }),
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
      close()
      await rm(root, { recursive: true })
    },
  })
  return store(compile(definitions))
}
