/** Do the definitions mean what their lock says? What `quern check` asks, and every command that reads or writes data. */
import { describeChange } from '../../change/change.ts'
import { changesOf } from '../../change/changes.ts'
import { type Lock, lockOf, lockText } from '../../change/lock.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { LOCK, readLock } from './project-lock.ts'

export interface Disagreement {
  readonly text: string
  readonly diff: readonly string[]
}

export function disagreements(plan: Plan, lock: Lock): readonly Disagreement[] {
  const changes = changesOf(lock, plan).map(change => ({ text: describeChange(change), diff: change.diff }))
  if (changes.length > 0 || lockText(lockOf(plan, lock)) === lockText(lock)) return changes
  return [
    { text: `the plan is ${plan.hash.slice(0, 12)}, the lock is of ${lock.plan.slice(0, 12)}`, diff: [] },
  ]
}

export const disagreementText = (problems: readonly Disagreement[]): string =>
  [
    `definitions and ${LOCK} disagree:`,
    ...problems.flatMap(({ text, diff }) => [`  - ${text}`, ...diff.map(line => `      ${line}`)]),
    'quern plan shows what that will do, quern plan --write agrees to it',
  ].join('\n')

/** A project without a lock agrees. @throws {StoreError} `lock-differs`, `lock-unreadable` */
export async function refuseDisagreement(project: string, plan: Plan): Promise<void> {
  const lock = await readLock(project)
  const problems = lock === null ? [] : disagreements(plan, lock)
  if (problems.length > 0) throw new StoreError('lock-differs', disagreementText(problems))
}
