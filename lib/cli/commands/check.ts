import type { Lock } from '../../change/lock.ts'
import { CompileError, diagnosticText } from '../../compiler/diagnostics/diagnostics.ts'
import { compileEnvironments } from '../../compiler/environment/compile-environment.ts'
import type { Plan } from '../../plan/plan.ts'
import { asJson, type DefineCommand } from '../arguments/shared-options.ts'
import { json, result, say } from '../print/print.ts'
import { disagreements, disagreementText } from '../project/lock-agreement.ts'
import { LOCK, loadProject } from '../project/project-lock.ts'

interface CheckOptions {
  readonly project: string
  readonly json: boolean
}

/** Exit code 1 if the definitions have mistakes, those of environments included, or are not what the lock says. */
export async function check({ project, json: asJson }: CheckOptions): Promise<void> {
  try {
    const { exported, plan, lock } = await loadProject(project)
    const environments = compileEnvironments(exported, plan).length
    const problems = lock === null ? [] : disagreements(plan, lock)
    if (problems.length > 0) process.exitCode = 1
    if (lock === null)
      say(`there is no ${LOCK}: what changes of meaning is not held; write it with quern plan --write`)
    if (problems.length > 0 && asJson)
      result(json({ ok: false, plan: plan.hash, lock: 'differs', changes: problems }))
    else if (problems.length > 0) result(disagreementText(problems))
    else result(summary({ plan, lock, environments }, asJson))
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    process.exitCode = 1
    const mistakes = error.mistakes.map(mistake => ({ ...mistake, text: diagnosticText(mistake) }))
    result(asJson ? json({ ok: false, mistakes }) : error.message)
  }
}

interface Checked {
  readonly plan: Plan
  readonly lock: Lock | null
  /** How many there are. */
  readonly environments: number
}

function summary({ plan, lock, environments }: Checked, asJson: boolean): string {
  const consumers = Object.keys(plan.consumers).length
  const counts = {
    sources: Object.keys(plan.sources).length,
    entities: Object.keys(plan.entities).length,
    views: Object.keys(plan.views).length,
    services: Object.keys(plan.services).length,
    ...(consumers === 0 ? {} : { consumers }),
    ...(environments === 0 ? {} : { environments }),
  }
  if (asJson) return json({ ok: true, plan: plan.hash, lock: lock === null ? 'none' : 'current', ...counts })
  const text = Object.entries(counts).map(([noun, n]) => `${n} ${noun}`)
  return `${text.join(', ')}; plan ${plan.hash}`
}

export const registerCheck = (define: DefineCommand): void => {
  define('check', 'Compile the definitions, list all diagnostics, and compare with the lock.')
    .addOption(asJson())
    .action(check)
}
