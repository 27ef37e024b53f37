/** Ingest as a task of the workflow, for the views whose sources the run reads. */
import { viewOf } from '../../plan/plan.ts'
import { storedSourceOf } from '../../plan/stored-source.ts'
import type { ViewOfRun, ViewReport } from '../materialize/materialize.ts'
import { type IngestContext, ingest } from './ingest.ts'

/**
 * A source may be in files that this process cannot read. The run then ingests pushed rows only; a user must ingest the
 * source where its files are.
 * @throws what {@link ingest} throws
 */
export async function ingestInRun(world: IngestContext, { view, run }: ViewOfRun): Promise<ViewReport> {
  const report = { view, written: 0, kept: 0, error: null }
  if (!run.ingest.includes(view)) return { ...report, status: 'skipped' }
  const plan = viewOf(world.plan, view)
  const source = storedSourceOf(world.plan, plan)
  const pushedOnly = source !== null && world.sources.reads?.(source) === false
  const { unchanged } = await ingest(world, plan, { pushedOnly })
  return { ...report, status: unchanged ? 'current' : 'ingested' }
}
