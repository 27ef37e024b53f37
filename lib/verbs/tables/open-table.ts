/**
 * The one way to a view's offline table: no verb reads or writes rows before their definition is compared with the view's
 * own. Equal: go on. Extended by features: the rows are computed again first. Different: refused, with the remedies.
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

/** The text that is kept with the rows that a view makes now. */
export const definitionOf = (
  { plan, engine }: Pick<TablesContext, 'plan' | 'engine'>,
  view: ViewPlan,
): string => definitionText(storedDefinition(plan, view, engine.dialect.name === 'duckdb'))

/** `unknown`: rows are of a time when definitions were not kept. */
export type StoredState = DefinitionComparison | { readonly is: 'unknown' }

const ORDER = ['equal', 'extended', 'unknown', 'different'] as const satisfies readonly StoredState['is'][]

/** How the rows of a table, those of its source and those that were pushed, stand to the view's definition. */
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

/** @param kept null: none was */
export const stateOf = (kept: string | null, now: string): StoredState =>
  kept === null ? { is: 'unknown' } : compareDefinitions(kept, now)

/**
 * For whoever reads rows.
 * @throws {StoreError} `definition-differs`, `definition-unknown`, `rows-outdated`
 */
export async function openTable(world: TablesContext, view: ViewPlan): Promise<TableVersion> {
  const table = await world.offline.table(view)
  refuseUnequal(view.key, stateOfTable(world, view, table))
  return table
}

/** For whoever writes rows beside the table. @throws {StoreError} `definition-differs`, `definition-unknown` */
export async function compareTable(world: TablesContext, view: ViewPlan): Promise<void> {
  refuseDifferent(view.key, stateOfTable(world, view, await world.offline.table(view)))
}

/** @param again what computes rows anew, where features are new */
export function refuseUnequal(view: string, state: StoredState, again = `quern ingest ${view}`): void {
  if (state.is === 'extended')
    throw new StoreError(
      'rows-outdated',
      `view ${view}: ${state.what.join(', ')}; what is stored does not have that yet: run ${again} first`,
    )
  refuseDifferent(view, state)
}

/** For whoever writes rows, which may have features that those before them have not. */
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
