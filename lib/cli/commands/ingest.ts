import { viewsInOrder } from '../../plan/order.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import {
  type IngestContext,
  type IngestOptions,
  type IngestReport,
  ingest,
} from '../../verbs/ingest/ingest.ts'
import { findView } from '../../verbs/tables/open-origin.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { count, json, result, step } from '../print/print.ts'
import { openStore } from '../store/store.ts'

export async function ingestViews(
  references: string[],
  options: CommonOptions & { readonly quarantine: boolean },
): Promise<void> {
  await using store = await openStore(options)
  const wanted = references.map(reference => findView(store.plan, reference).key)
  const reports = await ingestAll(store, options, view => wanted.length === 0 || wanted.includes(view.key))
  if (options.json) result(json(reports))
}

/** In dependency order, one view after the other: the engine uses all cores for each. */
export async function ingestAll(
  world: IngestContext,
  options: IngestOptions,
  isWanted: (view: ViewPlan) => boolean = () => true,
): Promise<readonly IngestReport[]> {
  const reports: IngestReport[] = []
  for (const view of viewsInOrder(world.plan).flat().filter(isWanted))
    reports.push(
      await step(`ingest ${view.key}`, () => ingest(world, view, options), outcome, world.engine.progress),
    )
  return reports
}

export function outcome(report: IngestReport): string {
  const { unchanged, added, known, unusable, firstUnusable, quarantined, conflicts } = report
  const first = firstUnusable === undefined ? '' : ` (the first in ${firstUnusable})`
  if (unchanged) return 'unchanged'
  const parts = [`${count(added)} rows added`]
  if (known > 0) parts.push(`${count(known)} known already`)
  if (unusable > 0) parts.push(`${count(unusable)} without key or event timestamp left out${first}`)
  if (quarantined !== null) parts.push(`${count(quarantined.rows)} set aside in ${quarantined.path}`)
  if (conflicts !== undefined)
    parts.push(
      `${count(conflicts.events)} events say something else than the table has under their id (such as ${conflicts.such.join('; ')}): the first content stays, and quern rebuild makes online agree`,
    )
  return parts.join(', ')
}

export const registerIngest = (define: DefineCommand): void => {
  define('ingest', 'Ingest the rows of all sources, or of some views, into the offline store.')
    .argument('[view...]', 'views by name or name@version')
    .option(
      '--quarantine',
      'write rows that do not fit their declared types to a quarantine file, and ingest the others',
      false,
    )
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(ingestViews)
}
