/** The bench's store in one process: the local rooms, wired as the command line wires them. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoOnlineStore } from '../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../lib/aws/dynamodb/dynamo-online-table.ts'
import { compile } from '../lib/compiler/compile.ts'
import { openDuckDb } from '../lib/local/engine/duckdb-engine.ts'
import { folderObjectStore } from '../lib/local/files/folder-object-store.ts'
import { parquetOfflineStore } from '../lib/local/offline/parquet-offline-store.ts'
import { openSqliteOnlineStore } from '../lib/local/online/sqlite-online-store.ts'
import { fileSources } from '../lib/local/sources/file-sources.ts'
import { folderPushedLines } from '../lib/local/streams/folder-pushed-rows.ts'
import type { OnlineStore } from '../lib/runtime.ts'
import { END_MS } from './data.ts'
import { definitions } from './definitions.ts'

export interface StorePlace {
  /** The folder with `data/` in it. */
  readonly project: string
  /** The folder of all that the store keeps. */
  readonly root: string
}

export async function openBenchStore({ project, root }: StorePlace) {
  const scratch = join(root, 'scratch')
  await mkdir(scratch, { recursive: true })
  const engine = await openDuckDb({ scratch })
  const objects = folderObjectStore(root)
  return {
    plan: compile(definitions),
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    objects,
    pushedLines: folderPushedLines({ objects, engine }),
    sources: fileSources({ root: project, engine, scratch: join(root, 'scratch') }),
    clock: { now: () => END_MS },
    [Symbol.asyncDispose]: async () => engine.close(),
  }
}

/** Where items go: an SQLite file in a folder, as on a laptop, or a server that runs elsewhere. */
export type OnlinePlace =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'server'; readonly endpoint: string; readonly table: string }

export interface OpenOnlineStore {
  readonly online: OnlineStore
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export async function openOnline(place: OnlinePlace): Promise<OpenOnlineStore> {
  if (place.kind === 'embedded') {
    const online = await openSqliteOnlineStore(place.path)
    return { online, [Symbol.asyncDispose]: async () => online.close() }
  }
  const client = clientOf(place.endpoint)
  await createOnlineTable(client, place.table)
  return {
    online: dynamoOnlineStore({ client, table: place.table, consistentRead: true }),
    [Symbol.asyncDispose]: async () => client.destroy(),
  }
}

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
