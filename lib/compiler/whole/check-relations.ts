import { relationsOf } from '../../plan/plan.ts'
import { compareText } from '../../text/by-name.ts'
import type { ViewDraft } from '../compile-view.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** The tables of all views and the SQL views over them are in one database, so their names must be unique. */
export function checkRelations(
  views: ReadonlyMap<string, ViewDraft>,
  placeOf: (view: ViewDraft) => DiagnosticPath,
): void {
  const owners = new Map<string, string>()
  for (const view of [...views.values()].sort((a, b) => compareText(a.key, b.key)))
    for (const relation of Object.values(relationsOf(view))) {
      const owner = owners.get(relation) ?? view.name
      owners.set(relation, owner)
      if (owner !== view.name)
        placeOf(view).report('relation-clash', show(relation), {
          remedy: `view '${owner}' has it already; rename one of the two views`,
        })
    }
}
