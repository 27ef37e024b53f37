/** Checks whether another plan can serve a service without a change that its callers notice. */
import { type ConsumerPlan, featuresOf, type Plan, type ServicePlan } from './plan.ts'
import { viewRefsRead } from './view-refs.ts'

const columnText = ({ name, type }: { readonly name: string; readonly type: string }): string =>
  `${name} (${type})`

/** The granted features and masks of each view, as text. */
const shown = (consumer: ConsumerPlan | undefined): ReadonlyMap<string, string> =>
  new Map(
    (consumer?.grants ?? []).flatMap(({ view, features }) =>
      features.map(({ name, mask }) => [`${view.replace(/@\d+$/, '')}:${name}`, JSON.stringify(mask)]),
    ),
  )

/** Consumers that may read the service in `from`, and in `to` may not or have other grants. */
function otherGrants(from: Plan, to: Plan, service: ServicePlan): readonly string[] {
  const references = viewRefsRead(service).flatMap(({ view, features }) =>
    features.map(({ feature }) => `${view.replace(/@\d+$/, '')}:${feature}`),
  )
  return Object.keys(from.consumers).filter(name => {
    const [here, there] = [shown(from.consumers[name]), shown(to.consumers[name])]
    return references.some(reference => here.has(reference) && here.get(reference) !== there.get(reference))
  })
}

/** @returns all reasons against the rollout; an empty list if it is allowed */
export function rolloutFaults(from: Plan, to: Plan, name: string): readonly string[] {
  const [here, there] = [from.services[name], to.services[name]]
  if (here === undefined || there === undefined)
    return [`plan ${(here === undefined ? from : to).hash.slice(0, 12)} has no service '${name}'`]
  const request = there.request.map(columnText).join(', ')
  const keys = there.joinKeys.map(columnText).join(', ')
  const columns = new Set(featuresOf(there).map(columnText))
  const lost = featuresOf(here)
    .map(columnText)
    .filter(column => !columns.has(column))
  const offline = viewRefsRead(there)
    .map(({ view }) => view)
    .filter(view => to.views[view]?.online !== true)
  const grants = otherGrants(from, to, here)
  return [
    ...(here.joinKeys.map(columnText).join(', ') === keys ? [] : [`its join keys become ${keys}`]),
    ...(here.request.map(columnText).join(', ') === request
      ? []
      : [`its request values become ${request || 'none'}`]),
    ...(lost.length === 0 ? [] : [`it loses ${lost.join(', ')}`]),
    ...(offline.length === 0 ? [] : [`it reads what is not online: ${[...new Set(offline)].join(', ')}`]),
    ...(grants.length === 0
      ? []
      : [`these consumers may not read it, or see other things: ${grants.join(', ')}`]),
  ]
}
