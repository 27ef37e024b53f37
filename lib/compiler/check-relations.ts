import { compareText } from './by-name.ts'
import type { ViewDraft } from './compile-view.ts'
import { type Place, show } from './place.ts'
import { relationsOf } from './plan.ts'

/** All views' tables, and the views over them, stand in one database: no two may have one name. */
export function checkRelations(
  views: ReadonlyMap<string, ViewDraft>,
  placeOf: (view: ViewDraft) => Place,
): void {
  const owners = new Map<string, string>()
  for (const view of [...views.values()].sort((a, b) => compareText(a.key, b.key)))
    for (const relation of Object.values(relationsOf(view))) {
      const owner = owners.get(relation) ?? view.name
      owners.set(relation, owner)
      if (owner !== view.name)
        placeOf(view).mistake('relation-clash', show(relation), {
          remedy: `view '${owner}' has it already; rename one of the two views`,
        })
    }
}
