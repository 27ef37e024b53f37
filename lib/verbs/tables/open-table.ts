/**
 * Opens a view's offline table. Verbs must use this file, because it compares the definition of the stored rows with the
 * view's definition. Equal: the verb continues. New features: the rows must be computed again first. Different: the verb is
 * refused, with the remedies.
 */

import {
  compareDefinitions,
  type DefinitionComparison,
  definitionText,
  storedDefinition,
} from '../../change/stored-definition.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { OfflineEngine, OfflineStore, TableVersion } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'

export interface TablesContext {
  readonly plan: Plan
  readonly offline: OfflineStore
  readonly engine: Pick<OfflineEngine, 'dialect'>
}

/** The definition text to store with the rows that the view makes now. */
export const definitionOf = (
  { plan, engine }: Pick<TablesContext, 'plan' | 'engine'>,
  view: ViewPlan,
): string => definitionText(storedDefinition(plan, view, engine.dialect.name === 'duckdb'))

/** `unknown`: an early version of quern wrote the rows and stored no definition. */
export type StoredState = DefinitionComparison | { readonly is: 'unknown' }

const ORDER = ['equal', 'extended', 'unknown', 'different'] as const satisfies readonly StoredState['is'][]

/** Compares the definitions of a table's rows, from the source and pushed, with the view's definition. */
export function stateOfTable(
  world: Pick<TablesContext, 'plan' | 'engine'>,
  view: ViewPlan,
  { batch, pushed, definitions }: Pick<TableVersion, 'batch' | 'pushed' | 'definitions'>,
): StoredState {
  const now = definitionOf(world, view)
  const states = [
    ...(batch === null ? [] : [stateOf(definitions.source, now)]),
    ...(pushed === null ? [] : [stateOf(definitions.pushed, now)]),
  ]
  return ORDER.flatMap(is => states.filter(state => state.is === is)).at(-1) ?? { is: 'equal' }
}

/** @param kept the stored definition; null: no definition was stored */
export const stateOf = (kept: string | null, now: string): StoredState =>
  kept === null ? { is: 'unknown' } : compareDefinitions(kept, now)

/**
 * Opens the table to read rows.
 * @throws {StoreError} `definition-differs`, `definition-unknown`, `rows-outdated`
 */
export async function openTable(world: TablesContext, view: ViewPlan): Promise<TableVersion> {
  const table = await world.offline.table(view)
  refuseUnequal(view.key, stateOfTable(world, view, table))
  return table
}

/** Must be called before rows are written outside the table, as push does. @throws {StoreError} `definition-differs`, `definition-unknown` */
export async function compareTable(world: TablesContext, view: ViewPlan): Promise<void> {
  refuseDifferent(view.key, stateOfTable(world, view, await world.offline.table(view)))
}

/** @param again the commands that compute the rows again, if the view has new features */
export function refuseUnequal(view: string, state: StoredState, again = `quern ingest ${view}`): void {
  if (state.is === 'extended')
    throw new StoreError(
      'rows-outdated',
      `view ${view}: ${state.what.join(', ')}; what is stored does not have that yet: run ${again} first`,
    )
  refuseDifferent(view, state)
}

/** For writers: rows may have features that the stored rows do not have. */
export function refuseDifferent(view: string, state: StoredState): void {
  if (state.is === 'different')
    throw new StoreError(
      'definition-differs',
      `view ${view}: what is stored was made by another definition: ${state.what.join(', ')}; put the definition back, or ${anew(view)}`,
    )
  if (state.is === 'unknown')
    throw new StoreError(
      'definition-unknown',
      `view ${view}: what is stored was made before quern kept definitions with it; run quern ingest ${view} while its source is as it was at the last ingest, or ${anew(view)}`,
    )
}

const anew = (view: string): string =>
  `begin anew with quern reset ${view} (on this machine, and in an environment with removal: 'destroy'), or give the view its next version`
