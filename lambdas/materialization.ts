/** The functions behind the materialization workflow's tasks. */
import type { TaskName } from '../lib/materialization/state-machine.ts'
import type { IngestContext } from '../lib/verbs/ingest/ingest.ts'
import { ingestInRun } from '../lib/verbs/ingest/ingest-in-run.ts'
import {
  advanceWatermark,
  type MaterializeContext,
  selectLatestRows,
  writeChunk,
} from '../lib/verbs/materialize/materialize.ts'
import { reportRun } from '../lib/verbs/materialize/report-run.ts'
import {
  advancePayload,
  reportPayload,
  viewPayload,
  writePayload,
} from '../lib/verbs/materialize/run-payloads.ts'

type Task = (payload: unknown) => Promise<unknown>

/** Makes all tasks for a context. */
export const materializationTasks = (
  world: MaterializeContext & IngestContext,
): Readonly<Record<TaskName, Task>> => ({
  IngestView: async payload => ingestInRun(world, viewPayload.parse(payload)),
  SelectLatestRows: async payload => selectLatestRows(world, viewPayload.parse(payload)),
  WriteChunk: async payload => writeChunk(world, writePayload.parse(payload)),
  AdvanceWatermark: async payload => advanceWatermark(world, advancePayload.parse(payload)),
  ReportRun: async payload => reportRun(reportPayload.parse(payload)),
})
