/**
 * Stores the definition that made a view's items, as an item of the online store beside them. A writer compares the
 * definition before it writes items. A reader learns from it whether all items were computed by the current definition.
 */

import { compareDefinitions, definitionText, storedDefinition } from '../../change/stored-definition.ts'
import type { ItemKey } from '../../online/item/item.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { refuseDifferent, refuseUnequal, type StoredState, stateOf } from './open-table.ts'

export interface OnlineDefinitionContext {
  readonly plan: Plan
  readonly online: Pick<OnlineStore, 'read' | 'compareAndSet' | 'watermark'>
}

/** This key cannot collide with a view's key, because a view's key has `@` in place of `|`. */
const keyOf = (view: string): ItemKey => ({ pk: `definition|${view}`, sk: 'state' })

/** The text leaves out local stand-ins for tables: they are compared when rows are read from the offline table. */
const definitionOf = (plan: Plan, view: ViewPlan): string =>
  definitionText(storedDefinition(plan, view, false))

interface StoredText {
  /** Null: no item was written since the last reset. */
  readonly text: string | null
  readonly version: bigint | null
}

async function storedTextOf({ online }: OnlineDefinitionContext, view: string): Promise<StoredText> {
  const [item] = await online.read([keyOf(view)], { consistent: true })
  const { definition, version } = item ?? {}
  return { text: definition?.S ?? null, version: version?.N === undefined ? null : BigInt(version.N) }
}

/** @returns false on a conflict with another writer */
async function put(
  { online }: OnlineDefinitionContext,
  view: string,
  text: string | null,
  before: bigint | null,
): Promise<boolean> {
  const { pk, sk } = keyOf(view)
  const version = { N: String((before ?? 0n) + 1n) }
  const definition = text === null ? { NULL: true as const } : { S: text }
  const [isPut] = await online.compareAndSet([
    { item: { pk: { S: pk }, sk: { S: sk }, version, definition }, expectedVersion: before },
  ])
  return isPut === true
}

/** Must be called before items are written. @throws {StoreError} `definition-differs` */
export async function claimOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<void> {
  const now = definitionOf(world.plan, view)
  for (;;) {
    const { text, version } = await storedTextOf(world, view.key)
    if (text !== null) return refuseDifferent(view.key, stateOf(text, now))
    if (await put(world, view.key, now, version)) return
  }
}

/** Must be called after all items were computed by the current definition. */
export async function completeOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<void> {
  const now = definitionOf(world.plan, view)
  const { text, version } = await storedTextOf(world, view.key)
  const isExtended = text !== null && compareDefinitions(text, now).is === 'extended'
  // After a conflict there is nothing to do: the other writer completed the definition, or the next write will compare it.
  if (isExtended) await put(world, view.key, now, version)
}

/** Removes the stored definition, after the view's items were removed. */
export async function forgetOnline(world: OnlineDefinitionContext, view: string): Promise<void> {
  for (;;) {
    const { text, version } = await storedTextOf(world, view)
    if (text === null || (await put(world, view, null, version))) return
  }
}

export async function stateOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<StoredState> {
  const { text } = await storedTextOf(world, view.key)
  if (text !== null) return stateOf(text, definitionOf(world.plan, view))
  return (await world.online.watermark(view.key)) === null ? { is: 'equal' } : { is: 'unknown' }
}

/** Must be called before items are read. @throws {StoreError} `definition-differs`, `definition-unknown`, `rows-outdated` */
export async function checkOnline(world: OnlineDefinitionContext, views: readonly ViewPlan[]): Promise<void> {
  for (const view of views.filter(({ online }) => online))
    refuseUnequal(
      view.key,
      await stateOnline(world, view),
      `quern ingest ${view.key} and quern materialize ${view.key}`,
    )
}

/**
 * For serving: how the definition that made a view's items differs from the current one, by view key. Views without a
 * difference are left out.
 */
export async function differencesOnline(
  { plan, online }: { readonly plan: Plan; readonly online: Pick<OnlineStore, 'read'> },
  views: readonly ViewPlan[],
): Promise<ReadonlyMap<string, StoreError>> {
  const items = await online.read(views.map(({ key }) => keyOf(key)))
  const found = new Map<string, StoreError>()
  for (const [i, view] of views.entries()) {
    const text = items[i]?.['definition']?.S
    if (text === undefined) continue
    try {
      refuseDifferent(view.key, stateOf(text, definitionOf(plan, view)))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      found.set(view.key, error)
    }
  }
  return found
}
