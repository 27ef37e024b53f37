import { type RereadReport, rereadPushedLines } from '../../local/streams/reread-pushed-lines.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { lineRereader } from '../../verbs/ingest/reread-line.ts'
import { findView } from '../../verbs/tables/open-origin.ts'
import { pushedKeysOf, type ResetReport, resetView, viewsToReset } from '../../verbs/tables/reset-views.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env } from '../arguments/shared-options.ts'
import { count, json, result, say, step } from '../print/print.ts'
import { loadEnvironment } from '../project/load-environment.ts'
import { openStore, type StoreOnline } from '../store/store.ts'

interface ResetOptions extends CommonOptions {
  readonly yes: boolean
}

/** Also where the definitions are not what the lock says, or what is deployed: it is the way out of that. */
export async function reset(references: string[], options: ResetOptions): Promise<void> {
  if (options.env !== undefined) await refuseKept({ ...options, env: options.env }, references)
  await using store = await openStore(options, { anyPlan: true })
  const views = viewsToReset(store.plan, wantedOf(store.plan, references))
  if (options.env !== undefined)
    say(`  environment '${options.env}': ${views.map(({ key }) => key).join(', ')}`)
  await using online = await store.openOnline()
  const reports: ResetReport[] = []
  for (const view of views)
    reports.push(
      await step(
        `reset ${view.key}`,
        note => resetView(online, view, removed => note(removedSoFar(removed))),
        outcome,
      ),
    )
  const pushed = options.env === undefined ? await rereadLines(online, views) : []
  if (options.json) result(json({ views: reports, pushed }))
}

const wantedOf = (plan: Plan, references: readonly string[]): readonly ViewPlan[] =>
  references.length === 0 ? Object.values(plan.views) : references.map(reference => findView(plan, reference))

/** @throws {StoreError} `bad-argument` */
async function refuseKept(
  { env, project, yes }: ResetOptions & { readonly env: string },
  references: readonly string[],
): Promise<void> {
  const { plan, environment } = await loadEnvironment({ project, environment: env })
  if (environment.removal !== 'destroy')
    throw new StoreError(
      'bad-argument',
      `--env: environment '${env}' keeps its data (removal: 'retain'); give the view its next version there. Nothing was removed.`,
    )
  const keys = viewsToReset(plan, wantedOf(plan, references)).map(({ key }) => key)
  if (!yes)
    throw new StoreError(
      'bad-argument',
      `this removes all that environment '${env}' has stored of ${keys.join(', ')}; say --yes to do it. Nothing was removed.`,
    )
}

interface KeyReport extends RereadReport {
  readonly key: string
}

/** What was pushed stays, and is read by the definitions as they are: the next ingest takes it in again. */
async function rereadLines(
  { plan, objects }: StoreOnline,
  views: readonly ViewPlan[],
): Promise<readonly KeyReport[]> {
  const reports: KeyReport[] = []
  for (const key of pushedKeysOf(plan, views)) {
    const read = (): Promise<RereadReport> => rereadPushedLines(objects, key, lineRereader(plan, key))
    const report = await read()
    if (report.lines > 0 || report.refused !== null) say(`    pushed to ${key}: ${linesLeft(report)}`)
    reports.push({ key, ...report })
  }
  return reports
}

const removedSoFar = (items: number): string => `${count(items)} items online removed`

const outcome = ({ rows, items }: ResetReport): string =>
  `${rows === null ? 'no table' : `${count(rows)} rows`} offline and ${count(items)} items online removed`

const linesLeft = ({ lines, refused }: RereadReport): string => {
  const kept = `${count(lines)} lines stay for the next ingest`
  return refused === null
    ? kept
    : `${kept}, ${count(refused.lines)} that the definitions refuse are in ${refused.path}`
}

export const registerReset = (define: DefineCommand): void => {
  define('reset', 'Remove all stored data of views, and of the views that read them.')
    .argument('[view...]', 'views by name or name@version (default: all)')
    .option('--yes', "with --env, which must have removal: 'destroy': do it", false)
    .addOption(env())
    .addOption(asJson())
    .action(reset)
}
