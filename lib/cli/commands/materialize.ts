import type { ViewPlan } from '../../plan/plan.ts'
import { FIRST } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { findView } from '../../verbs/tables/open-origin.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { instant } from '../arguments/parsers.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { compareOffline } from '../effects/compare-stored.ts'
import { json, result } from '../print/print.ts'
import type { Mend } from '../store/local-online.ts'
import { runRebuild, takePushedIn } from '../store/rebuild-run.ts'
import { failed, type RunOptions, runInput, runMaterialization } from '../store/run-materialization.ts'
import { openStore } from '../store/store.ts'

interface MaterializeOptions extends CommonOptions, RunOptions {
  /** What of the online store is begun anew instead of refused. @default nothing */
  readonly mend?: Mend
}

export async function materialize(references: string[], options: MaterializeOptions): Promise<void> {
  await using store = await openStore(options)
  const views =
    references.length === 0
      ? Object.values(store.plan.views).filter(view => view.online)
      : references.map(reference => onlineView(findView(store.plan, reference)))
  // Refused before anything is done.
  const input = runInput(views, options, store.clock)
  await compareOffline(store, views)
  const isRebuild = options.from !== undefined && options.from <= FIRST
  if (isRebuild) await takePushedIn(store, views)
  await using online = await store.openOnline({ mend: options.mend ?? 'nothing' })
  const report = await (isRebuild ? runRebuild(online, views, options) : runMaterialization(online, input))
  if (options.json) result(json({ failed: report.failed, views: report.views }))
  if (report.failed > 0) throw failed(report)
}

function onlineView(view: ViewPlan): ViewPlan {
  if (view.online) return view
  throw new StoreError(
    'bad-argument',
    `view ${view.key} is defined with online: false; it has nothing to materialize`,
  )
}

export const registerMaterialize = (define: DefineCommand): void => {
  define('materialize', 'Write the latest rows of all views, or of some, to the online store.')
    .argument('[view...]', 'views by name or name@version')
    .option(
      '--from <instant>',
      'write all rows that became true from this instant on, even if they are online already',
      instant('--from'),
    )
    .option('--to <instant>', 'write rows that became true by this instant', instant('--to'))
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(materialize)
}
