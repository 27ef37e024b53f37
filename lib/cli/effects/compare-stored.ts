/**
 * Compares what this machine has stored of views with their definitions, before a command does anything. A deployed store
 * has been compared by its deploy, and each of its functions compares again.
 */
import type { ViewPlan } from '../../plan/plan.ts'
import { checkOnline } from '../../verbs/tables/online-definition.ts'
import { openTable } from '../../verbs/tables/open-table.ts'
import type { Store, StoreOnline } from '../store/store.ts'

type Stored = Pick<Store, 'environment' | 'plan' | 'offline' | 'engine'>

/** @throws {StoreError} `definition-differs`, `definition-unknown`, `rows-outdated` */
export async function compareOffline(store: Stored, views: readonly ViewPlan[]): Promise<void> {
  if (store.environment === null) for (const view of views) await openTable(store, view)
}

/** The same of what is served. */
export async function compareOnline(
  store: Stored & { readonly online: Pick<StoreOnline['online'], 'read' | 'compareAndSet' | 'watermark'> },
  views: readonly ViewPlan[],
): Promise<void> {
  await compareOffline(store, views)
  if (store.environment === null) await checkOnline(store, views)
}
