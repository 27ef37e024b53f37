/** The end of a run: one report of all views, the failed ones named. */
import type { ViewReport } from './materialize.ts'

/** What a branch of the workflow ends with. */
type BranchResult =
  | ViewReport
  | {
      readonly view: string
      readonly status: 'failed'
      readonly error: { readonly Error: string; readonly Cause?: string }
    }

export interface RunReport {
  readonly failed: number
  readonly views: readonly ViewReport[]
  /** The report itself as text, for a failed run's cause. */
  readonly text: string
}

/** @param run the workflow's state: `level1`, `level2`, … hold the branches' results */
export function reportRun({ run }: { readonly run: Readonly<Record<string, unknown>> }): RunReport {
  const levels = Object.entries(run).filter(([name]) => /^level\d+$/.test(name))
  // Each level is a Parallel state's output: an array with one result for each branch.
  const views = levels.flatMap(([, results]) => results as readonly BranchResult[]).map(viewReport)
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
    error: cause ? `${name}: ${cause}` : name,
  }
}
