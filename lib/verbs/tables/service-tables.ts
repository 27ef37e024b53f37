/** Opens the offline tables of a service's views. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { TableVersion } from '../../runtime.ts'
import { openTable, type TablesContext } from './open-table.ts'

/** Opens the newest version of each table. @param views by key @throws {StoreError} as `openTable` */
export async function openTables(
  world: TablesContext,
  views: Readonly<Record<string, ViewPlan>>,
): Promise<Record<string, TableVersion>> {
  const open = Object.entries(views).map(async ([key, view]) => [key, await openTable(world, view)] as const)
  return Object.fromEntries(await Promise.all(open))
}

/** The SQL after FROM, by view key. */
export const relationsOf = (tables: Readonly<Record<string, TableVersion>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tables).map(([key, table]) => [key, table.relation]))
