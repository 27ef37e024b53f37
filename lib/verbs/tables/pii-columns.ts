/** Finds the PII columns of responses, spines and training sets. */

import { selectLineage } from '../../compiler/whole/select-lineage.ts'
import { type Plan, type ServicePlan, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'

/** Names, in responses, of a service's features that are PII or are computed from PII. */
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

/** Names, in a spine or request, of a service's join keys that are PII. */
export const piiJoinKeys = (plan: Pick<Plan, 'views'>, service: ServicePlan): ReadonlySet<string> =>
  new Set(
    viewRefsRead(service).flatMap(({ view, joinKeys }) =>
      joinKeys.filter(({ name }) => viewOf(plan, view).piiKeys.includes(name)).map(({ from }) => from),
    ),
  )

/**
 * Whether a spine's column may be PII. Labels are not declared, so the name decides: a column is PII if any column with
 * this name is marked in the plan. Columns that the service's own spine computes from marked columns are PII too.
 */
export function piiOfSpine(plan: Plan, { spine }: ServicePlan): (column: string) => boolean {
  const named = piiNames(plan)
  const { carries } = selectLineage(spine?.query ?? '', spine === null ? [] : [...named])
  return column => named.has(column.toLowerCase()) || carries(column)
}

/** Names of all columns that the plan marks as PII, in lower case. */
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
