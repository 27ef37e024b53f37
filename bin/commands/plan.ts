import { type Approvable, approvables, lacking } from '../../lib/compiler/approvals.ts'
import { subjectText } from '../../lib/compiler/change.ts'
import { changesBetween } from '../../lib/compiler/changes.ts'
import { type Lock, lockOf, lockText } from '../../lib/compiler/lock.ts'
import type { Plan } from '../../lib/compiler/plan.ts'
import { type PlanReport, planReport } from '../../lib/compiler/plan-report.ts'
import { json, result, say } from '../print.ts'
import { planText } from '../print-plan.ts'
import { LOCK, loadProject, lockAgainst, writeLock } from '../project-lock.ts'

export interface PlanOptions {
  readonly project: string
  /** A lock file or a commit. @default the project's lock */
  readonly against?: string
  readonly write: boolean
  readonly check: boolean
  readonly json: boolean
}

/** Exit codes: 0 nothing to do, 2 changes, 3 breaking ones. With --write 0, or 3 and nothing is written; with --check see there. */
export async function plan(options: PlanOptions): Promise<void> {
  const difference = await differenceOf(options)
  const { report, isSame, asked } = difference
  const lacks = asked.map(one => ({ of: subjectText(one.of), change: one.change, lacks: one.lacks }))
  const approvals = options.check ? { approvals: lacks } : {}
  if (options.json) result(json({ plan: difference.plan.hash, isSame, ...report, ...approvals }))
  else if (report.changes.length > 0) result(planText(report))
  if (options.write) process.exitCode = await write(options.project, difference)
  else if (options.check) process.exitCode = judge(difference)
  else process.exitCode = exitCode(difference)
}

export interface Asked extends Approvable {
  /** Null: it is approved. */
  readonly lacks: string | null
}

export interface Difference {
  readonly plan: Plan
  /** The project's lock as it should be. */
  readonly lock: Lock
  readonly report: PlanReport
  /** Is the lock to compare with just this one? */
  readonly isSame: boolean
  /** Changed things with approvers. */
  readonly asked: readonly Asked[]
}

export async function differenceOf({
  project,
  against,
}: Pick<PlanOptions, 'project' | 'against'>): Promise<Difference> {
  const { plan, lock: here } = await loadProject(project)
  const was = against === undefined ? here : await lockAgainst(project, against)
  const lock = lockOf(plan, here)
  const changes = changesBetween(was, lock, new Set(Object.keys(plan.views)))
  return {
    plan,
    lock,
    report: planReport({ changes, plan, lock }),
    isSame: was !== null && lockText({ ...was, approvals: [] }) === lockText({ ...lock, approvals: [] }),
    asked: approvables(changes, was, lock).map(one => ({ ...one, lacks: lacking(one, lock.approvals) })),
  }
}

function exitCode({ report, isSame }: Difference): number {
  if (isSame) say('nothing to do: the definitions are what the lock says')
  else if (report.changes.length === 0)
    say('what has changed is in no column: descriptions, or what stands for a table on a laptop')
  if (report.class === 'breaking' || report.class === 'refused') return 3
  return isSame ? 0 : 2
}

const isRefused = ({ report }: Difference): boolean => report.class === 'refused'

async function write(project: string, difference: Difference): Promise<number> {
  if (isRefused(difference)) {
    say(`${LOCK} is left as it was: what is marked ✗ may not be done to a version that exists`)
    return 3
  }
  await writeLock(project, difference.lock)
  say(`${LOCK} holds plan ${difference.plan.hash.slice(0, 12)}`)
  return 0
}

/** Refused changes are 3, missing approvals 6. */
function judge(difference: Difference): number {
  const missing = difference.asked.filter(({ lacks }) => lacks !== null)
  for (const { of, lacks } of missing) say(`${subjectText(of)}: ${lacks}`)
  if (isRefused(difference)) return 3
  return missing.length > 0 ? 6 : 0
}
