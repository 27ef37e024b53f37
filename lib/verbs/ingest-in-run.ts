/** Ingest as a task of the workflow, for the views whose sources a run is to read. */
import { viewOf } from '../compiler/plan.ts'
import { type IngestWorld, ingest } from './ingest.ts'
import type { ViewOfRun, ViewReport } from './materialize.ts'

/** @throws what {@link ingest} throws */
export async function ingestInRun(world: IngestWorld, { view, run }: ViewOfRun): Promise<ViewReport> {
  const report = { view, written: 0, kept: 0, error: null }
  if (!run.ingest.includes(view)) return { ...report, status: 'skipped' }
  const { unchanged } = await ingest(world, viewOf(world.plan, view))
  return { ...report, status: unchanged ? 'current' : 'ingested' }
}
