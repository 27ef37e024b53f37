/**
 * A run that makes everything online again from the offline store, and what was pushed to it before and meanwhile.
 *
 * A run makes a day of an aggregate view anew from the offline table. An event that was pushed after the ingest before the
 * run, and went online before its day was made anew, is then in no tile; but its line was laid down before it went online.
 * So what was pushed is ingested again once all days are made, and an incremental run adds it.
 */
import type { ViewPlan } from '../../plan/plan.ts'
import { type IngestContext, ingestPushed } from '../../verbs/ingest/ingest.ts'
import { outcome } from '../commands/ingest.ts'
import { say, step } from '../print/print.ts'
import {
  type EndedRun,
  type RunOptions,
  type RunStore,
  runInput,
  runMaterialization,
} from './run-materialization.ts'

/** The offline table must have what was pushed. @returns the views to which there was something new */
export async function takePushedIn(
  store: IngestContext,
  views: readonly ViewPlan[],
): Promise<readonly ViewPlan[]> {
  const extended: ViewPlan[] = []
  for (const view of views) {
    const report = await step(
      `ingest what was pushed to ${view.key}`,
      () => ingestPushed(store, view),
      outcome,
    )
    if (report.added > 0) extended.push(view)
  }
  return extended
}

/** After {@link takePushedIn}. */
export async function runRebuild(
  store: IngestContext & RunStore,
  views: readonly ViewPlan[],
  options: RunOptions,
): Promise<EndedRun> {
  const report = await runMaterialization(store, runInput(views, options, store.clock))
  const ofDays = views.filter(({ aggregates }) => aggregates !== null)
  const extended = await takePushedIn(store, ofDays)
  if (store.environment !== null && ofDays.length > 0) say(onTheirWay(store.environment, ofDays))
  if (extended.length === 0) return report
  // Up to now, which is later than the first run's: what came meanwhile became true meanwhile.
  const more = await runMaterialization(
    store,
    runInput(extended, { ...options, from: undefined }, store.clock),
  )
  return together(report, more)
}

/** Of a view that was run twice, what both wrote, and what failed in either. */
function together(report: EndedRun, more: EndedRun): EndedRun {
  const views = report.views.map(first => {
    const second = more.views.find(({ view }) => view === first.view)
    if (second === undefined || first.status === 'failed') return first
    return second.status === 'failed' ? second : { ...first, written: first.written + second.written }
  })
  const failed = views.filter(({ status }) => status === 'failed').length
  const fault = report.fault ?? more.fault
  return { ...report, views, failed, ...(fault === undefined ? {} : { fault }) }
}

/** Data Firehose lays lines down a minute after they came, and later where it must try again. */
const onTheirWay = (environment: string, views: readonly ViewPlan[]): string => {
  const names = views.map(({ key }) => key).join(' ')
  return `    events that were pushed in the last minutes may still be on their way to the bucket; an ingest and a run have them later: quern ingest ${names} --env ${environment}, then quern materialize ${names} --env ${environment}`
}
