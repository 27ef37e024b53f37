/** Wires the store of one project in one process: the only place where the local rooms meet. */
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DynamoOnlineStore, dynamoOnlineStore } from '../lib/aws/dynamo-online-store.ts'
import { createOnlineTable } from '../lib/aws/dynamo-online-table.ts'
import type { Plan } from '../lib/compiler/plan.ts'
import { openDuckDb } from '../lib/local/duckdb-engine.ts'
import { connectOrStart, type EmbeddedDynamoDb } from '../lib/local/embedded-dynamodb.ts'
import { fileSources } from '../lib/local/file-sources.ts'
import { folderObjectStore } from '../lib/local/folder-object-store.ts'
import { folderPushedLines } from '../lib/local/folder-pushed-rows.ts'
import { folderRecordedLines } from '../lib/local/folder-recorded-answers.ts'
import { type LocalCredentials, localCredentials } from '../lib/local/local-credentials.ts'
import { parquetOfflineStore } from '../lib/local/parquet-offline-store.ts'
import { closeScratch, openScratch } from '../lib/local/scratch-folder.ts'
import type {
  Clock,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  PushedLines,
  RecordedLines,
  SourceReader,
} from '../lib/runtime.ts'
import { StoreError } from '../lib/store-error.ts'
import { loadDefinitions } from './load-definitions.ts'
import { compileLocked } from './project-lock.ts'

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
  readonly pushedLines: PushedLines
  readonly records: RecordedLines
  readonly clock: Clock
  /** Whoever runs this process. */
  readonly principal: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The same with its online store open, in this process or in the one that has it already. */
export type OnlineLocalStore = LocalStore & {
  readonly online: DynamoOnlineStore
  /** Of the plan's consumers; undefined if it has none. */
  readonly credentials: LocalCredentials | undefined
  readonly maskSecret?: string
}

/** The folder of all that the store keeps. */
export const storeFolder = (project: string): string => resolve(project, '.quern')

export const compileProject = async (project: string): Promise<Plan> =>
  compileLocked(project, await loadDefinitions(project))

export async function openLocalStore({ project, now }: LocalStoreOptions): Promise<LocalStore> {
  const plan = await compileProject(project)
  const root = storeFolder(project)
  const engine = await openDuckDb({ scratch: await openScratch(root) })
  const objects = folderObjectStore(root)
  return {
    plan,
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    objects,
    pushedLines: folderPushedLines({ objects, engine }),
    records: folderRecordedLines(root),
    sources: fileSources({ root: resolve(project), engine }),
    clock: { now: () => now ?? Date.now() },
    principal: userInfo().username,
    [Symbol.asyncDispose]: async () => {
      engine.close()
      await closeScratch(root)
    },
  }
}

async function credentialsOf({ plan, objects }: LocalStore): Promise<LocalCredentials | undefined> {
  const consumers = Object.keys(plan.consumers)
  return consumers.length === 0 ? undefined : localCredentials(objects.path('credentials.json'), consumers)
}

const TABLE = 'quern-online'

export interface OnlineOptions {
  /** Waits until no other process has the store: for who stays up. @default false: a running server is used */
  readonly own?: boolean
}

const PATIENCE_MS = 20_000

/** The server in this process; while another one has the store, waits for that to end. */
async function ownServer(path: string): Promise<EmbeddedDynamoDb> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(250)) {
    const server = await connectOrStart({ path })
    if (!server.shared) return server
    if (Date.now() > end) throw new Error(`the online store at ${path} is open in another process`)
  }
}

/** @throws {StoreError} `store-in-use` */
export async function withOnline(
  store: LocalStore,
  { own = false }: OnlineOptions = {},
): Promise<OnlineLocalStore> {
  const path = store.objects.path('online')
  const server = await (own ? ownServer(path) : connectOrStart({ path })).catch(error => {
    throw new StoreError(
      'store-in-use',
      `${error instanceof Error ? error.message : error}; end that process, or wait for it`,
      { cause: error },
    )
  })
  const client = server.client()
  await createOnlineTable(client, TABLE)
  const credentials = await credentialsOf(store)
  return {
    ...store,
    credentials,
    ...(credentials === undefined ? {} : { maskSecret: credentials.maskSecret }),
    online: dynamoOnlineStore({ client, table: TABLE, consistentRead: true }),
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.close()
    },
  }
}
