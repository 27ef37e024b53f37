/** A project's store, on this machine or deployed: what commands need of it, whichever it is. */
import { materializationTasks } from '../../../lambdas/materialization.ts'
import { aslWorkflow } from '../../local/asl-workflow.ts'
import { folderPushedRows } from '../../local/streams/folder-pushed-rows.ts'
import type { Caller } from '../../online/access/access.ts'
import { maskedPlan, TERMINAL } from '../../online/access/masked-plan.ts'
import { RequestError } from '../../online/serving/request-error.ts'
import type { Plan } from '../../plan/plan.ts'
import type {
  Plans,
  RemovableOnlineStore,
  RolloutConfigurationStore,
  Workflow,
  WorkflowEvent,
} from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import type { SkewCheckContext } from '../../verbs/feature-log/check-skew.ts'
import type { IngestContext } from '../../verbs/ingest/ingest.ts'
import { type PushedRecord, type PushReport, pusher } from '../../verbs/push/push.ts'
import { storedRollouts } from '../../verbs/rollout/stored-rollouts.ts'
import { onlineFeatures } from '../../verbs/serve/get-online-features.ts'
import { compareTable } from '../../verbs/tables/open-table.ts'
import { storedPlans } from '../../verbs/training-set/plans.ts'
import { type CommonOptions, storeOptions } from '../arguments/options.ts'
import { type OnlineLocalStore, type OnlineOptions, openLocalStore, withOnline } from './local-store.ts'
import { servingPlan } from './serving-plan.ts'

/** The offline store, and all that ingest and training sets need. */
export interface Store extends SkewCheckContext, IngestContext {
  /** Null: on this machine. */
  readonly environment: string | null
  readonly openOnline: (options?: OnlineOptions) => Promise<StoreOnline>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The same with its online store open. */
export interface StoreOnline extends Store {
  readonly online: RemovableOnlineStore
  readonly workflow: (onEvent: (event: WorkflowEvent) => void) => Workflow
  /** A request of the serving API to its answer, as JSON. @throws {StoreError} `bad-argument` if it is refused */
  readonly ask: (body: string, caller: Caller) => Promise<string>
  /** Takes rows as they come true, or sends them where they are taken. */
  readonly push: (records: readonly PushedRecord[]) => Promise<PushReport>
  readonly rollouts: StoreRollouts
}

/** Where the store's rollouts are, and what serves without them. */
export interface StoreRollouts {
  readonly books: RolloutConfigurationStore
  readonly plans: Plans
  /** The plan that serves where no rollout says otherwise. */
  readonly plan: Plan
}

export interface OpenOptions {
  /** The definitions here may be other than what is deployed, or than what their lock says. @default false */
  readonly anyPlan?: boolean
}

/** @throws {StoreError} `bad-argument` if there is no such environment; `store-unreachable`; `plan-differs`; `lock-differs` */
export async function openStore(
  options: Omit<CommonOptions, 'json'>,
  { anyPlan = false }: OpenOptions = {},
): Promise<Store> {
  const { project, env, now } = options
  if (env === undefined) return openHere(options, anyPlan)
  if (now !== undefined)
    throw new StoreError(
      'bad-argument',
      `--now: the clock of '${env}' goes with the world's; leave --now out`,
    )
  // Half a second of SDK that a command on this machine does without.
  const { openDeployedStore } = await import('./deployed-store.ts')
  return openDeployedStore({ project, environment: env, anyPlan })
}

async function openHere(options: Omit<CommonOptions, 'json'>, anyPlan: boolean): Promise<Store> {
  const local = await openLocalStore({ ...storeOptions(options), anyPlan })
  return {
    ...local,
    environment: null,
    openOnline: async options =>
      onlineHere(await withOnline(local, options), await servingPlan(local.objects, local.plan)),
  }
}

/** A local store with its online store open, as commands see it. */
export function onlineHere(store: OnlineLocalStore, serving: Plan = store.plan): StoreOnline {
  return {
    ...store,
    environment: null,
    openOnline: async () => onlineHere(store, serving),
    workflow: onEvent => aslWorkflow({ tasks: materializationTasks(store), onEvent, clock: store.clock }),
    ask: async (body, caller) => {
      const plan = caller === TERMINAL ? maskedPlan(store.plan) : store.plan
      const { text } = await onlineFeatures({ ...store, plan })(body, caller).catch((error: unknown) => {
        if (!(error instanceof RequestError)) throw error
        throw new StoreError('bad-argument', error.message, { cause: error })
      })
      return text
    },
    push: pusher({
      ...store,
      pushed: folderPushedRows(store.objects),
      compare: view => compareTable(store, view),
    }),
    rollouts: { books: storedRollouts(store.objects), plans: storedPlans(store.objects), plan: serving },
  }
}
