/** Wires the store of one project in one process: the only place where the local rooms meet. */
import { join, resolve } from 'node:path'
import { dynamoOnlineStore } from '../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../lib/aws/dynamo-online-table.ts'
import { compile } from '../lib/compiler/compile.ts'
import type { Plan } from '../lib/compiler/plan.ts'
import { openDuckDb } from '../lib/local/duckdb-engine.ts'
import { connectOrStart } from '../lib/local/embedded-dynamodb.ts'
import { fileSources } from '../lib/local/file-sources.ts'
import { folderObjectStore } from '../lib/local/folder-object-store.ts'
import { parquetOfflineStore } from '../lib/local/parquet-offline-store.ts'
import { closeScratch, openScratch } from '../lib/local/scratch-folder.ts'
import type {
  Clock,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  OnlineStore,
  SourceReader,
} from '../lib/runtime.ts'
import { StoreError } from '../lib/store-error.ts'
import { loadDefinitions } from './load-definitions.ts'

export interface LocalStoreOptions {
  /** The project's folder, with `definitions/` in it. */
  readonly project: string
  /** Where the store's clock stands, in milliseconds since 1970. @default it goes with the machine's */
  readonly now?: number
}

export interface LocalStore {
  readonly plan: Plan
  readonly engine: OfflineEngine
  readonly offline: OfflineStore
  readonly objects: ObjectStore
  readonly sources: SourceReader
  readonly clock: Clock
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The same with its online store open, in this process or in the one that has it already. */
export type OnlineLocalStore = LocalStore & { readonly online: OnlineStore }

/** The folder of all that the store keeps. */
export const storeFolder = (project: string): string => resolve(project, '.quern')

export const compileProject = async (project: string): Promise<Plan> =>
  compile(await loadDefinitions(project))

export async function openLocalStore({ project, now }: LocalStoreOptions): Promise<LocalStore> {
  const plan = await compileProject(project)
  const root = storeFolder(project)
  const engine = await openDuckDb({ scratch: await openScratch(root) })
  return {
    plan,
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    objects: folderObjectStore(root),
    sources: fileSources({ root: resolve(project), engine }),
    clock: { now: () => now ?? Date.now() },
    [Symbol.asyncDispose]: async () => {
      engine.close()
      await closeScratch(root)
    },
  }
}

const TABLE = 'quern-online'

/** @throws {StoreError} `store-in-use` */
export async function withOnline(store: LocalStore): Promise<OnlineLocalStore> {
  const path = store.objects.path('online')
  const server = await connectOrStart({ path }).catch(error => {
    throw new StoreError(
      'store-in-use',
      `${error instanceof Error ? error.message : error}; end that process, or wait for it`,
      { cause: error },
    )
  })
  const client = server.client()
  await createOnlineTable(client, TABLE)
  return {
    ...store,
    online: dynamoOnlineStore({ client, table: TABLE, consistentRead: true }),
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.close()
    },
  }
}
