/** The last task of a run: one report of all views, which names the failed views. */
import { causeText } from '../serve/cause-text.ts'
import type { TaskError, ViewReport } from './materialize.ts'

/** The result of one branch of the workflow. */
type BranchResult =
  | ViewReport
  | { readonly view: string; readonly status: 'failed'; readonly error: TaskError }

export interface RunReport {
  readonly failed: number
  readonly views: readonly ViewReport[]
  /** The report as JSON text, for the cause of a failed run. */
  readonly text: string
}

/** @param levels the output of the workflow's map over levels: for each level, the branch results of its views */
export function reportRun({ levels }: { readonly levels: readonly (readonly unknown[])[] }): RunReport {
  // The cast is safe: the workflow's document defines the result of a branch.
  const views = levels.flatMap(results => results as readonly BranchResult[]).map(viewReport)
  const processed = views.filter(view => view.status !== 'skipped')
  const failed = processed.filter(view => view.status === 'failed').length
  return { failed, views: processed, text: JSON.stringify({ failed, views: processed }) }
}

function viewReport(result: BranchResult): ViewReport {
  if (typeof result.error !== 'object' || result.error === null) return result as ViewReport
  const { Error: name, Cause: cause } = result.error
  return {
    view: result.view,
    status: 'failed',
    written: 0,
    kept: 0,
    error: cause ? `${name}: ${causeText(cause)}` : name,
  }
}
