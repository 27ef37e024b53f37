/**
 * The definition by which a view's items were made, as an item of the online store beside them. Whoever writes items
 * compares it first; whoever reads them finds in it whether all of them have been computed by the definition as it is.
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

/** No view's key collides: theirs have `@` where this has `|`. */
const keyOf = (view: string): ItemKey => ({ pk: `definition|${view}`, sk: 'state' })

/** What stands for the tables of a laptop is compared where rows are read from them. */
const definitionOf = (plan: Plan, view: ViewPlan): string =>
  definitionText(storedDefinition(plan, view, false))

interface Kept {
  /** Null: no item was made since the beginning, or the last reset. */
  readonly text: string | null
  readonly version: bigint | null
}

async function keptOf({ online }: OnlineDefinitionContext, view: string): Promise<Kept> {
  const [item] = await online.read([keyOf(view)], { consistent: true })
  const { definition, version } = item ?? {}
  return { text: definition?.S ?? null, version: version?.N === undefined ? null : BigInt(version.N) }
}

/** @returns false if somebody else was first */
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

/** Before items are written. @throws {StoreError} `definition-differs` */
export async function claimOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<void> {
  const now = definitionOf(world.plan, view)
  for (;;) {
    const { text, version } = await keptOf(world, view.key)
    if (text !== null) return refuseDifferent(view.key, stateOf(text, now))
    if (await put(world, view.key, now, version)) return
  }
}

/** After all items were computed by the definition as it is. */
export async function completeOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<void> {
  const now = definitionOf(world.plan, view)
  const { text, version } = await keptOf(world, view.key)
  const isExtended = text !== null && compareDefinitions(text, now).is === 'extended'
  // Whoever was faster has completed it, or has found another definition, which the next to write will see.
  if (isExtended) await put(world, view.key, now, version)
}

/** The view has no items any more. */
export async function forgetOnline(world: OnlineDefinitionContext, view: string): Promise<void> {
  for (;;) {
    const { text, version } = await keptOf(world, view)
    if (text === null || (await put(world, view, null, version))) return
  }
}

export async function stateOnline(world: OnlineDefinitionContext, view: ViewPlan): Promise<StoredState> {
  const { text } = await keptOf(world, view.key)
  if (text !== null) return stateOf(text, definitionOf(world.plan, view))
  return (await world.online.watermark(view.key)) === null ? { is: 'equal' } : { is: 'unknown' }
}

/** Before items are read. @throws {StoreError} `definition-differs`, `definition-unknown`, `rows-outdated` */
export async function checkOnline(world: OnlineDefinitionContext, views: readonly ViewPlan[]): Promise<void> {
  for (const view of views.filter(({ online }) => online))
    refuseUnequal(
      view.key,
      await stateOnline(world, view),
      `quern ingest ${view.key} and quern materialize ${view.key}`,
    )
}

/** For whoever serves: by view, how the definition that made its items differs from the view's own. Views without are not there. */
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
