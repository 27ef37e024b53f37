import { isCodeowner } from '../compiler/fields/check-approvers.ts'
import type { Plan, ServicePlan, ViewPlan } from '../plan/plan.ts'
import { compareText } from '../text/by-name.ts'

/** A definition module, and the views and services that it defines. */
export interface DefiningFile {
  /** Relative to the root of the repository, with `/` between folders. */
  readonly path: string
  /** Keys of its views, names of its services. */
  readonly views: readonly string[]
  readonly services: readonly string[]
}

/** The lines of a CODEOWNERS file. A file belongs to its approvers, or to its owners if it has no approvers. */
export function codeowners(plan: Plan, files: readonly DefiningFile[]): string {
  const lines = files
    .map(file => ({ path: file.path, people: peopleOf(plan, file) }))
    .filter(({ people }) => people.length > 0)
    .sort((a, b) => compareText(a.path, b.path))
    .map(({ path, people }) => `/${path.replaceAll(' ', '\\ ')} ${people.join(' ')}`)
  return ['# Made by quern codeowners, of the owners and approvers in the definitions.', ...lines, ''].join(
    '\n',
  )
}

function peopleOf(plan: Plan, { views, services }: DefiningFile): readonly string[] {
  const defined = [...views.map(key => plan.views[key]), ...services.map(name => plan.services[name])]
  const people = defined.flatMap(one => (one === undefined ? [] : askedOf(one)))
  return [...new Set(people)].sort(compareText)
}

const askedOf = ({ approvers, owner }: ViewPlan | ServicePlan): readonly string[] =>
  approvers.length > 0 ? approvers.map(({ name }) => name) : [owner].filter(isCodeowner)
