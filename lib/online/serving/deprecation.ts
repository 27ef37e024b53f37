/** Versions that are to be retired, as those are told who still read them. */
import { type Deprecation, type Plan, type ViewRef, viewOf } from '../../plan/plan.ts'

/** Of several deprecations the one that ends first; null for none. */
export const firstToEnd = (all: readonly (Deprecation | null)[]): Deprecation | null =>
  all.filter(one => one !== null).toSorted((a, b) => (a.until < b.until ? -1 : 1))[0] ?? null

/** Of the views that a service uses. */
export const deprecationOf = (plan: Plan, uses: readonly ViewRef[]): Deprecation | null =>
  firstToEnd(uses.map(({ view }) => viewOf(plan, view).deprecated))

/** An answer's headers: since when (RFC 9745), and until when it is served at least (RFC 8594). */
export const deprecationHeaders = ({ since, until }: Deprecation): Readonly<Record<string, string>> => ({
  deprecation: `@${Date.parse(since) / 1_000}`,
  sunset: new Date(until).toUTCString(),
})
