/** The one rule for names of a service's columns, for compiled services and ad hoc ones alike. */
import type { Column, ServiceFeature } from './plan.ts'

/** A feature that a service takes. */
export interface TakenFeature extends Column {
  /** Its name in its view. */
  readonly feature: string
  readonly alias: string
}

/**
 * Names the columns: `name` is what the feature is called in the service, and stays so if no other view's feature is
 * called the same; else all of those are `alias__name`.
 * @param avoid names that are columns already, and so as good as taken by another
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
