/** Deprecated versions, and the headers that inform clients that still read them. */
import { type Deprecation, type Plan, type ViewRef, viewOf } from '../../plan/plan.ts'

/** The deprecation that ends first; null if there is none. */
export const firstToEnd = (all: readonly (Deprecation | null)[]): Deprecation | null =>
  all.filter(one => one !== null).toSorted((a, b) => (a.until < b.until ? -1 : 1))[0] ?? null

/** The first deprecation to end among the views of a service. */
export const deprecationOf = (plan: Plan, uses: readonly ViewRef[]): Deprecation | null =>
  firstToEnd(uses.map(({ view }) => viewOf(plan, view).deprecated))

/** Response headers: deprecated since when (RFC 9745), and the earliest end of service (RFC 8594). */
export const deprecationHeaders = ({ since, until }: Deprecation): Readonly<Record<string, string>> => ({
  deprecation: `@${Date.parse(since) / 1_000}`,
  sunset: new Date(until).toUTCString(),
})
