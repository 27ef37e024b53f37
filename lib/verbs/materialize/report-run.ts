/** The end of a run: one report of all views, the failed ones named. */
import { causeText } from '../serve/cause-text.ts'
import type { TaskError, ViewReport } from './materialize.ts'

/** What a branch of the workflow ends with. */
type BranchResult =
  | ViewReport
  | { readonly view: string; readonly status: 'failed'; readonly error: TaskError }

export interface RunReport {
  readonly failed: number
  readonly views: readonly ViewReport[]
  /** The report itself as text, for a failed run's cause. */
  readonly text: string
}

/** @param levels what the workflow's map over levels has: for each view what its branch ended with */
export function reportRun({ levels }: { readonly levels: readonly (readonly unknown[])[] }): RunReport {
  // The workflow's own document says what ends a branch.
  const views = levels.flatMap(results => results as readonly BranchResult[]).map(viewReport)
  const asked = views.filter(view => view.status !== 'skipped')
  const failed = asked.filter(view => view.status === 'failed').length
  return { failed, views: asked, text: JSON.stringify({ failed, views: asked }) }
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
