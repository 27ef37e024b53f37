/** Wires the store of one project in one process: the only place where the local rooms meet. */
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { openDuckDb } from '../../local/engine/duckdb-engine.ts'
import { folderObjectStore } from '../../local/files/folder-object-store.ts'
import { openPrivateFolder } from '../../local/files/private-folder.ts'
import { closeScratch, openScratch } from '../../local/files/scratch-folder.ts'
import { type LocalCredentials, localCredentials } from '../../local/http/local-credentials.ts'
import { parquetOfflineStore } from '../../local/offline/parquet-offline-store.ts'
import type { SqliteOnlineStore } from '../../local/online/sqlite-online-store.ts'
import { fileSources } from '../../local/sources/file-sources.ts'
import { folderFeatureLogReader } from '../../local/streams/folder-feature-log.ts'
import { folderPushedLines } from '../../local/streams/folder-pushed-rows.ts'
import type { Plan } from '../../plan/plan.ts'
import type {
  Clock,
  FeatureLogReader,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  PushedLines,
  SourceReader,
} from '../../runtime.ts'
import { piiNames } from '../../verbs/tables/pii-columns.ts'
import { loadDefinitions } from '../project/load-definitions.ts'
import { refuseDisagreement } from '../project/lock-agreement.ts'
import { compileLocked } from '../project/project-lock.ts'
import { type Mend, openLocalOnline } from './local-online.ts'

export interface LocalStoreOptions {
  /** The project's folder, with `definitions/` in it. */
  readonly project: string
  /** The definitions may be other than what their lock says. @default false */
  readonly anyPlan?: boolean
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
  readonly records: FeatureLogReader
  readonly clock: Clock
  /** Whoever runs this process. */
  readonly principal: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The same with its online store open. */
export type OnlineLocalStore = LocalStore & {
  readonly online: SqliteOnlineStore
  /** Of the plan's consumers; undefined if it has none. */
  readonly credentials: LocalCredentials | undefined
  readonly maskSecret?: string
}

/** The folder of all that the store keeps. */
export const storeFolder = (project: string): string => resolve(project, '.quern')

export const compileProject = async (project: string): Promise<Plan> =>
  compileLocked(project, await loadDefinitions(project))

/** @throws {StoreError} `lock-differs` */
export async function openLocalStore(options: LocalStoreOptions): Promise<LocalStore> {
  const { project, now, anyPlan = false } = options
  const plan = await compileProject(project)
  if (!anyPlan) await refuseDisagreement(project, plan)
  const root = storeFolder(project)
  const closePrivate = await openPrivateFolder(root)
  const scratch = await openScratch(root)
  const engine = await openDuckDb({ scratch })
  const objects = folderObjectStore(root)
  return {
    plan,
    engine,
    offline: parquetOfflineStore({ root: join(root, 'offline'), engine }),
    objects,
    pushedLines: folderPushedLines({ objects, engine }),
    records: folderFeatureLogReader(root),
    sources: fileSources({ root: resolve(project), engine, scratch, hidden: piiNames(plan) }),
    clock: { now: () => now ?? Date.now() },
    principal: userInfo().username,
    [Symbol.asyncDispose]: async () => {
      engine.close()
      await closeScratch(root)
      closePrivate()
    },
  }
}

async function credentialsOf({ plan, objects }: LocalStore): Promise<LocalCredentials | undefined> {
  const consumers = Object.keys(plan.consumers)
  return consumers.length === 0 ? undefined : localCredentials(objects.path('credentials.json'), consumers)
}

export interface OnlineOptions {
  /** What is begun anew instead of refused. @default nothing */
  readonly mend?: Mend
}

/** @throws {StoreError} `store-damaged`, `store-in-use` */
export async function withOnline(
  store: LocalStore,
  { mend = 'nothing' }: OnlineOptions = {},
): Promise<OnlineLocalStore> {
  const online = await openLocalOnline(store.objects.path(), mend)
  const credentials = await credentialsOf(store)
  return {
    ...store,
    credentials,
    ...(credentials === undefined ? {} : { maskSecret: credentials.maskSecret }),
    online,
    [Symbol.asyncDispose]: async () => online.close(),
  }
}
