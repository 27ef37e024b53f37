/** The check before a deployment: compares the stored rows of all views with the new definitions. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { TableVersion } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { refuseDifferent, stateOfTable, type TablesContext } from '../tables/open-table.ts'

/** Concurrent table reads. Athena's default quota is at least 20 concurrent queries. */
const AT_A_TIME = 8

/**
 * Rows of early versions, which stored no definition, are compared by their next ingest.
 * @param definitions returns the definitions of a table's rows
 * @throws {StoreError} `definition-differs`, which names all views that differ
 */
export async function compareTables(
  world: Pick<TablesContext, 'plan' | 'engine'>,
  definitions: (view: ViewPlan) => Promise<TableVersion['definitions']>,
): Promise<void> {
  const views = Object.values(world.plan.views)
  const found: string[] = []
  for (let i = 0; i < views.length; i += AT_A_TIME) {
    const some = views.slice(i, i + AT_A_TIME)
    const texts = await Promise.all(some.map(async view => difference(world, view, await definitions(view))))
    found.push(...texts.flatMap(text => (text === null ? [] : [text])))
  }
  if (found.length > 0) throw new StoreError('definition-differs', found.join('; '))
}

function difference(
  world: Pick<TablesContext, 'plan' | 'engine'>,
  view: ViewPlan,
  definitions: TableVersion['definitions'],
): string | null {
  try {
    const { source: batch, pushed } = definitions
    refuseDifferent(view.key, stateOfTable(world, view, { batch, pushed, definitions }))
    return null
  } catch (error) {
    if (error instanceof StoreError) return error.message
    throw error
  }
}
