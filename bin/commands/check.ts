import type { Lock } from '../../lib/compiler/lock.ts'
import { CompileError, describe } from '../../lib/compiler/mistakes.ts'
import type { Plan } from '../../lib/compiler/plan.ts'
import { disagreements, disagreementText } from '../lock-agreement.ts'
import { json, result, say } from '../print.ts'
import { LOCK, loadProject } from '../project-lock.ts'

interface CheckOptions {
  readonly project: string
  readonly json: boolean
}

/** Exit code 1 if the definitions have mistakes, or are not what the lock says. */
export async function check({ project, json: asJson }: CheckOptions): Promise<void> {
  try {
    const { plan, lock } = await loadProject(project)
    const problems = lock === null ? [] : disagreements(plan, lock)
    if (problems.length > 0) process.exitCode = 1
    if (lock === null)
      say(`there is no ${LOCK}: what changes of meaning is not held; write it with quern plan --write`)
    if (problems.length > 0 && asJson)
      result(json({ ok: false, plan: plan.hash, lock: 'differs', changes: problems }))
    else if (problems.length > 0) result(disagreementText(problems))
    else result(summary(plan, lock, asJson))
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    process.exitCode = 1
    const mistakes = error.mistakes.map(mistake => ({ ...mistake, text: describe(mistake) }))
    result(asJson ? json({ ok: false, mistakes }) : error.message)
  }
}

function summary(plan: Plan, lock: Lock | null, asJson: boolean): string {
  const consumers = Object.keys(plan.consumers).length
  const counts = {
    sources: Object.keys(plan.sources).length,
    entities: Object.keys(plan.entities).length,
    views: Object.keys(plan.views).length,
    services: Object.keys(plan.services).length,
    ...(consumers === 0 ? {} : { consumers }),
  }
  if (asJson) return json({ ok: true, plan: plan.hash, lock: lock === null ? 'none' : 'current', ...counts })
  const text = Object.entries(counts).map(([noun, n]) => `${n} ${noun}`)
  return `${text.join(', ')}; plan ${plan.hash}`
}
