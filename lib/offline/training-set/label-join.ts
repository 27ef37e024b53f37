/**
 * Labels that lie in the future of the spine: for a row at t the newest row of the label's view with t < e ≤ t + window.
 * A label is null until its window has closed, for what comes last in a window is not known before. Of an aggregate view
 * the label is its value at the window's end.
 */
import { featuresOf, type Plan, type ServicePlan, type ViewRef, viewOf } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../../sql/dialect.ts'
import { EVENT } from '../table.ts'
import { columnOf } from '../visible-rows.ts'
import { type PointInTimeJoinInput, pointInTimeJoin, SPINE_ROW } from './point-in-time-join.ts'

export interface LabelJoinInput extends PointInTimeJoinInput {
  readonly labels: {
    /** Its features are the labels. */
    readonly service: ServicePlan
    readonly windowMs: number
    /** Up to when the views of the labels have come; null: none has a row. */
    readonly reached: Micros | null
  }
}

const FOUND = (i: number): string => `quern_found_${i + 1}`

/** Named as no feature can be: Trino takes `f.x` for a field of a column `f`. */
const FEATURES = 'quern_features'
const LABELS = 'quern_labels'

/** The training set with its labels behind the features. */
export function labelJoin({ labels, ordered = false, ...input }: LabelJoinInput): string {
  const { service, windowMs, reached } = labels
  const { dialect, fullNames = false } = input
  const spineColumns = [...new Set([SPINE_ROW, EVENT, ...input.spineColumns])]
  const features = pointInTimeJoin({ ...input, spineColumns })
  const later = pointInTimeJoin({
    ...input,
    // The window takes the place of the views' own ttl.
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
    // Windows always have a value; a row must have come after the spine's.
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

/** With the event timestamp of the row that was found, by use of a view that has rows. */
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
