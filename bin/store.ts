/** A project's store, on this machine or deployed: what commands need of it, whichever it is. */
import { materializationTasks } from '../lambdas/materialization.ts'
import { aslWorkflow } from '../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../lib/local/folder-pushed-rows.ts'
import type { Caller } from '../lib/online/access.ts'
import { RequestError } from '../lib/online/request-error.ts'
import type { OnlineStore, Workflow, WorkflowEvent } from '../lib/runtime.ts'
import { StoreError } from '../lib/store-error.ts'
import { onlineFeatures } from '../lib/verbs/get-online-features.ts'
import { type PushedRecord, type PushReport, pusher } from '../lib/verbs/push.ts'
import type { TrainingSetWorld } from '../lib/verbs/training-set.ts'
import { openLocalStore, withOnline } from './local-store.ts'
import { type CommonOptions, storeOptions } from './options.ts'

/** The offline store, and all that ingest and training sets need. */
export interface Store extends TrainingSetWorld {
  /** Null: on this machine. */
  readonly environment: string | null
  readonly openOnline: () => Promise<StoreOnline>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The same with its online store open. */
export interface StoreOnline extends Store {
  readonly online: OnlineStore
  readonly workflow: (onEvent: (event: WorkflowEvent) => void) => Workflow
  /** A request of the serving API to its answer, as JSON. @throws {StoreError} `bad-argument` if it is refused */
  readonly ask: (body: string, caller: Caller) => Promise<string>
  /** Takes rows as they come true, or sends them where they are taken. */
  readonly push: (records: readonly PushedRecord[]) => Promise<PushReport>
}

/** @throws {StoreError} `bad-argument` if there is no such environment; `store-unreachable`; `plan-differs` */
export async function openStore(options: Omit<CommonOptions, 'json'>): Promise<Store> {
  const { project, env, now } = options
  if (env === undefined) return openHere(options)
  if (now !== undefined)
    throw new StoreError(
      'bad-argument',
      `--now: the clock of '${env}' goes with the world's; leave --now out`,
    )
  // Half a second of SDK that a command on this machine does without.
  const { openDeployedStore } = await import('./deployed-store.ts')
  return openDeployedStore({ project, environment: env })
}

async function openHere(options: Omit<CommonOptions, 'json'>): Promise<Store> {
  const local = await openLocalStore(storeOptions(options))
  return {
    ...local,
    environment: null,
    openOnline: async () => onlineHere(await withOnline(local)),
  }
}

/** A local store with its online store open, as commands see it. */
export function onlineHere(store: Awaited<ReturnType<typeof withOnline>>): StoreOnline {
  return {
    ...store,
    environment: null,
    openOnline: async () => onlineHere(store),
    workflow: onEvent => aslWorkflow({ tasks: materializationTasks(store), onEvent }),
    ask: async (body, caller) => {
      const { text } = await onlineFeatures(store)(body, caller).catch((error: unknown) => {
        if (!(error instanceof RequestError)) throw error
        throw new StoreError('bad-argument', error.message, { cause: error })
      })
      return text
    },
    push: pusher({ ...store, pushed: folderPushedRows(store.objects) }),
  }
}
