/** Which columns of answers, spines and training sets are personal data. */

import { selectLineage } from '../../compiler/whole/select-lineage.ts'
import { type Plan, type ServicePlan, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'

/** Features of a service that are personal data or made of it, by their names in answers. */
export function piiFeatures(
  plan: Pick<Plan, 'views'>,
  { uses, inputs, derived }: ServicePlan,
): ReadonlySet<string> {
  const marked = [...uses, ...inputs].flatMap(use => {
    const pii = new Set(
      viewOf(plan, use.view)
        .features.filter(one => one.pii)
        .map(({ name }) => name),
    )
    return use.features.filter(({ feature }) => pii.has(feature))
  })
  const names = new Set(marked.flatMap(({ name, fullName }) => [name, fullName]))
  for (const { name, fullName, from } of derived)
    if (from.some(column => names.has(column.name))) names.add(name).add(fullName)
  return names
}

/** Join keys of a service that are personal data, by their names in a spine or request. */
export const piiJoinKeys = (plan: Pick<Plan, 'views'>, service: ServicePlan): ReadonlySet<string> =>
  new Set(
    viewRefsRead(service).flatMap(({ view, joinKeys }) =>
      joinKeys.filter(({ name }) => viewOf(plan, view).piiKeys.includes(name)).map(({ from }) => from),
    ),
  )

/**
 * May a spine's column be personal data? By its name: labels are declared nowhere, so any column that is called as one
 * that is marked somewhere in the plan counts, and what the service's own spine makes of marked columns.
 */
export function piiOfSpine(plan: Plan, { spine }: ServicePlan): (column: string) => boolean {
  const named = piiNames(plan)
  const { carries } = selectLineage(spine?.query ?? '', spine === null ? [] : [...named])
  return column => named.has(column.toLowerCase()) || carries(column)
}

/** Names of all columns that are marked somewhere in the plan, in lower case. */
export const piiNames = (plan: Plan): ReadonlySet<string> =>
  new Set(
    [
      ...Object.values(plan.sources).flatMap(({ pii }) => pii),
      ...Object.values(plan.views).flatMap(({ features, piiKeys }) => [
        ...features.filter(({ pii }) => pii).map(({ name }) => name),
        ...piiKeys,
      ]),
    ].map(name => name.toLowerCase()),
  )
