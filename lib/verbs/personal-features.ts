import { type Plan, type ServicePlan, viewOf } from '../compiler/plan.ts'

/** Features of a service that are personal data or made of it, by their names in answers. */
export function personalFeatures(plan: Plan, { uses, inputs, derived }: ServicePlan): ReadonlySet<string> {
  const personal = [...uses, ...inputs].flatMap(use => {
    const pii = new Set(
      viewOf(plan, use.view)
        .features.filter(one => one.pii)
        .map(({ name }) => name),
    )
    return use.features.filter(({ feature }) => pii.has(feature))
  })
  const names = new Set(personal.flatMap(({ name, fullName }) => [name, fullName]))
  for (const { name, fullName, from } of derived)
    if (from.some(column => names.has(column.name))) names.add(name).add(fullName)
  return names
}
