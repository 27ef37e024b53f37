import { relative, resolve } from 'node:path'
import { codeowners as ownersText } from '../../change/codeowners.ts'
import type { DefineCommand } from '../arguments/shared-options.ts'
import { result } from '../print/print.ts'
import { loadModules } from '../project/load-definitions.ts'
import { compileLocked } from '../project/project-lock.ts'

/** CODEOWNERS for the definition modules; their paths as of where the command is run, which is the repository's root. */
export async function codeowners({ project }: { readonly project: string }): Promise<void> {
  const modules = await loadModules(project)
  const plan = await compileLocked(
    project,
    modules.flatMap(({ exports }) => exports),
  )
  const files = modules.map(({ path, exports }) => ({
    path: relative(process.cwd(), resolve(path)).replaceAll('\\', '/'),
    views: exports.flatMap(one => (isNamed(one, 'featureView') ? [`${one.name}@${one.version}`] : [])),
    services: exports.flatMap(one => (isNamed(one, 'featureService') ? [String(one.name)] : [])),
  }))
  result(ownersText(plan, files).trimEnd())
}

const isNamed = (
  value: unknown,
  kind: string,
): value is { readonly name: unknown; readonly version?: unknown } =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind && 'name' in value

export const registerCodeowners = (define: DefineCommand): void => {
  define('codeowners', 'Print CODEOWNERS lines for the definitions, from their owners and approvers.').action(
    codeowners,
  )
}
