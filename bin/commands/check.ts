import { CompileError, describe } from '../../lib/compiler/mistakes.ts'
import { compileProject } from '../local-store.ts'
import { json, result } from '../print.ts'

export async function check({ project, json: asJson }: { project: string; json: boolean }): Promise<void> {
  try {
    const plan = await compileProject(project)
    const consumers = Object.keys(plan.consumers).length
    const counts = {
      sources: Object.keys(plan.sources).length,
      entities: Object.keys(plan.entities).length,
      views: Object.keys(plan.views).length,
      services: Object.keys(plan.services).length,
      ...(consumers === 0 ? {} : { consumers }),
    }
    const text = Object.entries(counts).map(([noun, n]) => `${n} ${noun}`)
    result(asJson ? json({ ok: true, plan: plan.hash, ...counts }) : `${text.join(', ')}; plan ${plan.hash}`)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    process.exitCode = 1
    const mistakes = error.mistakes.map(mistake => ({ ...mistake, text: describe(mistake) }))
    result(asJson ? json({ ok: false, mistakes }) : error.message)
  }
}
