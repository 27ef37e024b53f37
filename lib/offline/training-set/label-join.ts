/**
 * Labels that lie after the instants of the spine. For a spine row at t, the label is the latest row of the label's
 * view with t < e ≤ t + window. A label is null until its window has closed, because a later row in the window can
 * still change it. For an aggregate view, the label is the value at the end of the window.
 */
import { featuresOf, type Plan, type ServicePlan, type ViewRef, viewOf } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT } from '../table.ts'
import { columnOf } from '../visible-rows.ts'
import { type PointInTimeJoinInput, pointInTimeJoin, SPINE_ROW } from './point-in-time-join.ts'

export interface LabelJoinInput extends PointInTimeJoinInput {
  readonly labels: {
    /** The service whose features are the labels. */
    readonly service: ServicePlan
    readonly windowMs: number
    /** The instant up to which the label views have data; null if they have no rows. */
    readonly reached: Micros | null
  }
}

const FOUND = (i: number): string => `quern_found_${i + 1}`

/** No feature can have this name. If a column were named `f`, Trino would read `f.x` as a field of it. */
const FEATURES = 'quern_features'
const LABELS = 'quern_labels'

/** The training set, with the labels after the features. */
export function labelJoin({ labels, ordered = false, ...input }: LabelJoinInput): string {
  const { service, windowMs, reached } = labels
  const { dialect, fullNames = false } = input
  const spineColumns = [...new Set([SPINE_ROW, EVENT, ...input.spineColumns])]
  const features = pointInTimeJoin({ ...input, spineColumns })
  const later = pointInTimeJoin({
    ...input,
    // The label window replaces the TTL of the views.
    plan: { views: withTtl(input.plan, service, windowMs) },
    service: withMoments(input.plan, service),
    spine: `(select ${[SPINE_ROW, ...service.joinKeys.map(key => key.name)].map(quote).join(', ')}, ${dialect.minusMs(quote(EVENT), -windowMs)} as ${quote(EVENT)} from ${input.spine} s)`,
    spineColumns: [SPINE_ROW],
    bounds: shifted(input.bounds ?? null, windowMs),
    asKnown: false,
  })
  const nameOf = (f: { readonly name: string; readonly fullName: string }): string =>
    fullNames ? f.fullName : f.name
  const closed =
    reached === null
      ? 'false'
      : `${columnOf(FEATURES, EVENT)} <= ${dialect.minusMs(timestampLiteral(reached), windowMs)}`
  const taken = [...input.spineColumns, ...featuresOf(input.service).map(nameOf)].map(name =>
    columnOf(FEATURES, name),
  )
  const given = service.uses.flatMap((use, i) => {
    // An aggregate view always has a value. For other views, the row must be later than the spine row.
    const later = isAggregated(input.plan, use)
      ? ''
      : ` and ${columnOf(LABELS, FOUND(i))} > ${columnOf(FEATURES, EVENT)}`
    return use.features.map(
      f => `case when ${closed}${later} then ${columnOf(LABELS, nameOf(f))} end as ${quote(nameOf(f))}`,
    )
  })
  const order = ordered ? `\norder by ${columnOf(FEATURES, SPINE_ROW)}` : ''
  return `with ${FEATURES} as (\n${features}\n),\n${LABELS} as (\n${later}\n)
select ${[...taken, ...given].join(',\n  ')}
from ${FEATURES} join ${LABELS} on ${columnOf(FEATURES, SPINE_ROW)} = ${columnOf(LABELS, SPINE_ROW)}${order}`
}

const withTtl = (plan: Pick<Plan, 'views'>, { uses }: ServicePlan, ttlMs: number): Plan['views'] =>
  Object.fromEntries(
    Object.entries(plan.views)
      .filter(([key]) => uses.some(use => use.view === key))
      .map(([key, view]) => [key, { ...view, ttlMs }]),
  )

const isAggregated = (plan: Pick<Plan, 'views'>, { view }: ViewRef): boolean =>
  viewOf(plan, view).aggregates !== null

/** Adds the event timestamp of the joined row to each reference to a view that is not aggregated. */
const withMoments = (plan: Pick<Plan, 'views'>, service: ServicePlan): ServicePlan => ({
  ...service,
  uses: service.uses.map((use, i) => {
    if (isAggregated(plan, use)) return use
    const found = { feature: EVENT, name: FOUND(i), fullName: FOUND(i), type: 'timestamp' as const }
    return { ...use, features: [...use.features, found] }
  }),
})

const shifted = (
  bounds: { readonly first: Micros; readonly last: Micros } | null,
  windowMs: number,
): { readonly first: Micros; readonly last: Micros } | null => {
  const by = BigInt(windowMs) * 1_000n
  return bounds === null ? null : { first: bounds.first + by, last: bounds.last + by }
}
