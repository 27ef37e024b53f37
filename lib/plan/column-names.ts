/** The naming rule of service columns, for compiled and ad hoc services. */
import type { Column, ServiceFeature } from './plan.ts'

/** A feature that a service picks. */
export interface TakenFeature extends Column {
  /** Its name in its view. */
  readonly feature: string
  readonly alias: string
}

/**
 * Names the columns. A feature keeps its `name` in the service if no feature of another view has that name. Otherwise
 * all features of that name become `alias__name`.
 * @param avoid names that other columns already have
 */
export function nameColumns<T extends TakenFeature>(
  features: readonly T[],
  avoid: ReadonlySet<string> = new Set(),
): readonly ServiceFeature[] {
  const claims = new Map<string, Set<string>>()
  for (const { feature, alias, name } of features)
    claims.set(name, (claims.get(name) ?? new Set()).add(`${alias}:${feature}`))
  return features.map(({ feature, alias, name, type }) => {
    const fullName = `${alias}__${name}`
    const isClaimedTwice = (claims.get(name)?.size ?? 0) > 1
    return { feature, name: isClaimedTwice || avoid.has(name) ? fullName : name, fullName, type }
  })
}
