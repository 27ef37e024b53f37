import { styleText } from 'node:util'
import { type Approvable, approvables, lacking } from '../../change/approvals.ts'
import { subjectText } from '../../change/change.ts'
import { changesBetween } from '../../change/changes.ts'
import { type Lock, lockOf, lockText } from '../../change/lock.ts'
import { type PlanReport, planReport } from '../../change/plan-report.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { against, asJson, type DefineCommand, workload } from '../arguments/shared-options.ts'
import { type EnvironmentEffects, environmentEffects } from '../effects/environment-effects.ts'
import { json, result, say } from '../print/print.ts'
import { planText } from '../print/print-plan.ts'
import { LOCK, loadProject, lockAgainst, writeLock } from '../project/project-lock.ts'

export interface PlanOptions {
  readonly project: string
  /** A lock file or a commit. @default the project's lock */
  readonly against?: string
  /** An environment's name: its infrastructure and bill are shown as well. @default none */
  readonly env?: string
  /** A file, only with an environment. @default the store idles */
  readonly workload?: string
  readonly allowReplacement: boolean
  readonly write: boolean
  readonly check: boolean
  readonly json: boolean
}

/** Exit codes: 0 nothing to do, 2 changes, 3 breaking ones. With --write 0, or 3 and nothing is written; with --check see there. */
export async function plan(options: PlanOptions): Promise<void> {
  const difference = await differenceOf(options)
  const effects = await effectsOf(options, difference)
  const { isSame, asked } = difference
  const { infrastructure, money, refusals = [] } = effects ?? {}
  const columns = infrastructure === undefined || money === undefined ? {} : { infrastructure, money }
  const report = { ...difference.report, ...columns }
  const lacks = asked.map(one => ({ of: subjectText(one.of), change: one.change, lacks: one.lacks }))
  const approvals = options.check ? { approvals: lacks } : {}
  if (options.json) result(json({ plan: difference.plan.hash, isSame, ...report, ...approvals, refusals }))
  else if (report.changes.length > 0 || effects !== null) result(coloured(planText(report)))
  for (const refusal of refusals) say(`refused in environment ${options.env}: ${refusal}`)
  if (options.write) process.exitCode = await write(options.project, difference, refusals)
  else if (options.check) process.exitCode = judge(difference, refusals)
  else process.exitCode = exitCode(difference, effects)
}

/** What may not be done is red on a terminal. */
const coloured = (text: string): string =>
  text.replace(/^.*✗.*$/gm, line => styleText('red', line, { stream: process.stdout }))

async function effectsOf(
  { env, workload, ...options }: PlanOptions,
  { was, report }: Difference,
): Promise<EnvironmentEffects | null> {
  if (env !== undefined)
    return environmentEffects(
      { ...options, env, ...(workload === undefined ? {} : { workload }) },
      { lock: was, report },
    )
  if (workload === undefined && !options.allowReplacement) return null
  throw new StoreError(
    'bad-argument',
    `${workload === undefined ? '--allow-replacement' : '--workload'} is of an environment: name one with --env`,
  )
}

export interface Asked extends Approvable {
  /** Null: it is approved. */
  readonly lacks: string | null
}

export interface Difference {
  readonly plan: Plan
  /** That is compared with; null: there is none. */
  readonly was: Lock | null
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
    was,
    lock,
    report: planReport({ changes, plan, lock }),
    isSame: was !== null && lockText({ ...was, approvals: [] }) === lockText({ ...lock, approvals: [] }),
    asked: approvables(changes, was, lock).map(one => ({ ...one, lacks: lacking(one, lock.approvals) })),
  }
}

function exitCode({ report, isSame }: Difference, effects: EnvironmentEffects | null): number {
  const isChange = !isSame || effects?.isChange === true
  if (isSame && isChange) say('the definitions are what the lock says; the environment is another')
  else if (isSame) say('nothing to do: the definitions are what the lock says')
  else if (report.changes.length === 0)
    say('what has changed is in no column: descriptions, or what stands for a table on a laptop')
  if (report.class === 'breaking' || report.class === 'refused') return 3
  if (effects !== null && effects.refusals.length > 0) return 3
  return isChange ? 2 : 0
}

const isRefused = ({ report }: Difference): boolean => report.class === 'refused'

async function write(project: string, difference: Difference, refusals: readonly string[]): Promise<number> {
  if (isRefused(difference)) {
    say(`${LOCK} is left as it was: what is marked ✗ may not be done to a version that exists`)
    return 3
  }
  if (refusals.length > 0) {
    say(`${LOCK} is left as it was`)
    return 3
  }
  await writeLock(project, difference.lock)
  say(`${LOCK} holds plan ${difference.plan.hash.slice(0, 12)}`)
  return 0
}

/** Refused changes are 3, missing approvals 6. */
function judge(difference: Difference, refusals: readonly string[]): number {
  const missing = difference.asked.filter(({ lacks }) => lacks !== null)
  for (const { of, lacks } of missing) say(`${subjectText(of)}: ${lacks}`)
  if (isRefused(difference) || refusals.length > 0) return 3
  return missing.length > 0 ? 6 : 0
}

export const registerPlan = (define: DefineCommand): void => {
  define('plan', 'Show what a change of the definitions will do.')
    .addOption(against())
    .option('--env <name>', 'also show the changes of the infrastructure and the cost of an environment')
    .addOption(workload())
    .option('--allow-replacement', 'allow the replacement or removal of resources that hold data', false)
    .option('--write', 'write the lock, unless a change is refused', false)
    .option('--check', 'for CI: fail when a changed view or service lacks an approval', false)
    .addOption(asJson())
    .action(plan)
}
