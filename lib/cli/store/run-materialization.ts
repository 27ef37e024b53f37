/** A run of the state machine, as commands start it and show it. */

import { stateMachine } from '../../materialization/state-machine.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { Clock, WorkflowEvent, WriteReport } from '../../runtime.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { MAX_ITEM_BYTES, MAX_KEY_BYTES } from '../../storable/row-bytes.ts'
import { isFromBelow, StoreError, WorkflowFailed } from '../../store-error.ts'
import type { RunInput, Selected, ViewReport } from '../../verbs/materialize/materialize.ts'
import type { RunReport } from '../../verbs/materialize/report-run.ts'
import { warnIfAhead, warnOfLaterRows } from '../print/clock-warnings.ts'
import { count, instant, say, step } from '../print/print.ts'
import type { StoreOnline } from './store.ts'

/** From when to when, in microseconds since 1970. */
export interface RunOptions {
  /** @default null: incremental */
  readonly from?: bigint | undefined
  /** @default now */
  readonly to?: bigint | undefined
}

/** What a run asks of a store. */
export type RunStore = Pick<StoreOnline, 'plan' | 'online' | 'offline' | 'clock' | 'workflow' | 'environment'>

/** Rows of the future are not online: whoever was served them would see what is not true yet. */
export function runInput(views: readonly ViewPlan[], { from, to }: RunOptions, clock: Clock): RunInput {
  const now = microsOf(clock.now())
  if (to !== undefined && to > now)
    throw new StoreError(
      'bad-argument',
      `--to: ${instant(to)} is later than now, ${instant(now)}; leave it out to go up to now`,
    )
  if (from !== undefined && from > (to ?? now))
    throw new StoreError(
      'bad-argument',
      `--from: ${instant(from)} is later than the window's end, ${instant(to ?? now)}`,
    )
  const keys = views.map(view => view.key)
  return { views: keys, ingest: [], from: from?.toString() ?? null, to: (to ?? now).toString() }
}

/** A run's report, and what failed below it, on this machine: a full disk, a damaged file. */
export interface EndedRun extends RunReport {
  readonly fault?: StoreError
}

/** Runs the state machine; a report comes back whether or not views failed. */
export async function runMaterialization(store: RunStore, input: RunInput): Promise<EndedRun> {
  const document = stateMachine(store.plan)
  let fault: StoreError | undefined
  const listen = (event: WorkflowEvent): void => {
    if (isFromBelow(event.error)) fault ??= event.error
  }
  const views = Object.values(store.plan.views)
  await warnIfAhead(store, views)
  return step(
    'materialize',
    note => {
      const show = progress(note)
      const onEvent = (event: WorkflowEvent): void => {
        listen(event)
        show(event)
      }
      return store.workflow(onEvent).run(document, input).then(asReport, reportOfFailure)
    },
    report => outcome(report.views),
  ).then(async report => {
    for (const view of report.views) say(`      ${view.view}  ${describeView(view)}`)
    if (fault !== undefined) return { ...report, fault }
    // In an account a look at a table is a query that costs, and the clock is the world's.
    if (store.environment === null)
      await warnOfLaterRows(
        store,
        views.filter(({ key }) => input.views.includes(key)),
      )
    return report
  })
}

const asReport = (output: unknown): RunReport => output as RunReport

/** A run that fails has its report as the failure's cause. */
function reportOfFailure(error: unknown): RunReport {
  if (!(error instanceof WorkflowFailed) || error.error !== 'ViewsFailed') throw error
  return { ...(JSON.parse(error.message) as RunReport), text: error.message }
}

/** Rows that were selected so far, and how many of them are written. */
function progress(note: (text: string) => void): (event: WorkflowEvent) => void {
  let [selected, byChunks, byViews] = [0, 0, 0]
  return ({ kind, state, output }) => {
    if (kind !== 'done') return
    // What the tasks answer: see lib/verbs/materialize/materialize.ts.
    if (state === 'Select') selected += (output as Selected).rows
    // A deployed run tells of whole views only, a local one of chunks too. A chunk that failed has no counts.
    if (state === 'Write chunk') byChunks += rowsOf(output as Partial<WriteReport>)
    if (state === 'Advance') byViews += rowsOf(output as Partial<WriteReport>)
    note(`${count(Math.max(byChunks, byViews))} of ${count(selected)} rows`)
  }
}

const rowsOf = ({ written = 0, kept = 0 }: Partial<WriteReport>): number => written + kept

function outcome(views: readonly ViewReport[]): string {
  const written = views.reduce((sum, view) => sum + view.written, 0)
  const failures = views.filter(view => view.status === 'failed').length
  return `${views.length} views, ${count(written)} items written${failures > 0 ? `, ${failures} views FAILED` : ''}`
}

function describeView({ status, written, kept, error, ...rare }: ViewReport): string {
  const { tooLarge = 0, unstorable = 0, conflicts = 0 } = rare
  if (status === 'failed') return `failed: ${error}`
  if (status === 'current') return 'nothing new'
  const parts = [`${count(written)} written`]
  if (kept > 0) parts.push(`${count(kept)} newer or the same already`)
  if (tooLarge > 0)
    parts.push(`${count(tooLarge)} LEFT OUT: an entity has more events in a day than fit in an item`)
  if (unstorable > 0)
    parts.push(
      `${count(unstorable)} LEFT OUT: their entity key is longer than ${MAX_KEY_BYTES} bytes, or their item larger than ${MAX_ITEM_BYTES}`,
    )
  if (conflicts > 0)
    parts.push(
      `${count(conflicts)} say something else than what is online under their id: quern rebuild puts the table's content in its place`,
    )
  return parts.join(', ')
}

export const failed = (report: EndedRun): StoreError => {
  if (report.fault !== undefined) return report.fault
  const views = report.views
    .filter(view => view.status === 'failed')
    .map(view => `${view.view} (${view.error})`)
  return new StoreError(
    'views-failed',
    `these views failed: ${views.join('; ')}; the others are done; run it again when the cause is gone, nothing is lost or doubled`,
  )
}
