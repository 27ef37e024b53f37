/**
 * Finds leaks: spine rows at which a value was visible by event time although the store did not know it yet.
 * `asKnown` would hide these values. For a plain view, a leak is one row, with its delay. For an aggregate view, a
 * leak is a window whose value changes when later arrivals are excluded.
 */
import { type Column, type ServicePlan, type ViewRef, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import { ARRIVAL_LENGTH } from '../../semantics/point-in-time.ts'
import { columnType, literal, quote } from '../../sql/dialect.ts'
import { CREATED, EVENT, ROW_HASH } from '../table.ts'
import { type PointInTimeJoinInput, pointInTimeJoin, SPINE_ROW } from './point-in-time-join.ts'

/** Columns of {@link leakingRows}, in addition to `spine_row`, the join keys of the service and `event_timestamp`. */
export const LEAK_COLUMNS = [
  /** The alias of the view reference: the name of the view, or its role. */
  { name: 'alias', type: 'string' },
  { name: 'view', type: 'string' },
  /** The event timestamp of the visible row. This column and all below are null for a window, which has many rows. */
  { name: 'row_event_timestamp', type: 'timestamp' },
  { name: 'row_created_timestamp', type: 'timestamp' },
  /** The arrival of its batch, as in lib/semantics/point-in-time.ts. */
  { name: 'arrival', type: 'string' },
  /** The time from the spine's instant until the row was known, in milliseconds. */
  { name: 'delay_ms', type: 'int64' },
] as const satisfies readonly Column[]

const META = [
  { column: EVENT, as: 'quern_event', type: 'timestamp' },
  { column: CREATED, as: 'quern_created', type: 'timestamp' },
  { column: ROW_HASH, as: 'quern_hash', type: 'string' },
] as const

/**
 * The view references whose rows can be checked: the source states when each row was created. Otherwise the created
 * timestamp is the instant of ingestion. That instant means nothing for a history that was ingested at once.
 */
export const judgeable = (plan: PointInTimeJoinInput['plan'], service: ServicePlan): readonly ViewRef[] =>
  viewRefsRead(service).filter(use => viewOf(plan, use.view).createdTimestamp !== null)

/**
 * A SELECT of one row for each leaking row of the spine and view reference.
 * @param uses at least one
 */
export function leakingRows(input: PointInTimeJoinInput, uses: readonly ViewRef[]): string {
  const { windows = [], rows = [] } = Object.groupBy(uses, ({ view }) =>
    viewOf(input.plan, view).aggregates === null ? 'rows' : 'windows',
  )
  const parts = [
    ...(rows.length === 0 ? [] : [lateRows(input, rows)]),
    ...(windows.length === 0 ? [] : [lateWindows(input, windows)]),
  ]
  return parts.map(sql => `select * from (\n${sql}\n) l`).join('\nunion all\n')
}

function lateRows(input: PointInTimeJoinInput, uses: readonly ViewRef[]): string {
  const keys = input.service.joinKeys.map(key => key.name)
  const spineColumns = [SPINE_ROW, ...keys, EVENT]
  const joined = pointInTimeJoin({
    ...input,
    spineColumns,
    service: { ...input.service, uses: uses.map(withMeta), inputs: [], derived: [] },
    asKnown: false,
    ordered: false,
  })
  const leaks = uses.map((use, i) => {
    const [event, created, rowHash] = META.map(({ as }) => quote(`${as}_${i + 1}`))
    return `select ${spineColumns.map(quote).join(', ')}, ${literal(use.alias)} as alias, ${literal(use.view)} as view,
  ${event} as row_event_timestamp, ${created} as row_created_timestamp, substr(${rowHash}, 1, ${ARRIVAL_LENGTH}) as arrival,
  date_diff('millisecond', ${quote(EVENT)}, ${created}) as delay_ms
from quern_joined where ${created} > ${quote(EVENT)}`
  })
  return `with quern_joined as (\n${joined}\n)\n${leaks.join('\nunion all\n')}`
}

/** Windows whose value differs from the value over the events that were known at the instant. */
function lateWindows(input: PointInTimeJoinInput, uses: readonly ViewRef[]): string {
  const spineColumns = [SPINE_ROW, ...input.service.joinKeys.map(key => key.name), EVENT]
  const named = uses.map(withNumbers)
  const joined = (asKnown: boolean): string =>
    pointInTimeJoin({
      ...input,
      spineColumns: asKnown ? [SPINE_ROW] : spineColumns,
      service: { ...input.service, uses: named, inputs: [], derived: [] },
      asKnown,
      ordered: false,
    })
  const none = (type: 'timestamp' | 'string' | 'int64'): string =>
    `cast(null as ${columnType(input.dialect, type)})`
  const leaks = named.map(({ alias, view, features }) => {
    const differs = features.map(({ name }) => `h.${quote(name)} is distinct from k.${quote(name)}`)
    return `select ${spineColumns.map(name => `h.${quote(name)}`).join(', ')}, ${literal(alias)} as alias, ${literal(view)} as view,
  ${none('timestamp')} as row_event_timestamp, ${none('timestamp')} as row_created_timestamp, ${none('string')} as arrival, ${none('int64')} as delay_ms
from quern_hindsight h join quern_as_known k on h.${quote(SPINE_ROW)} = k.${quote(SPINE_ROW)} where ${differs.join(' or ')}`
  })
  return `with quern_hindsight as (\n${joined(false)}\n), quern_as_known as (\n${joined(true)}\n)\n${leaks.join('\nunion all\n')}`
}

/** Gives features unique names, because two roles of one view have features of the same names. */
const withNumbers = (use: ViewRef, i: number): ViewRef => ({
  ...use,
  features: use.features.map((feature, j) => ({ ...feature, name: `quern_w${i + 1}_${j + 1}` })),
})

const withMeta = (use: ViewRef, i: number): ViewRef => ({
  ...use,
  features: META.map(({ column, as, type }) => ({
    feature: column,
    name: `${as}_${i + 1}`,
    fullName: `${as}_${i + 1}`,
    type,
  })),
})

/**
 * A SELECT of counts and exact quantiles of the delay, by alias and view.
 * @param leaks SQL that follows FROM
 */
export const leakSummary = (leaks: string): string => `with ranked as (
  select t.*, row_number() over (partition by alias order by delay_ms) as quern_place,
    count(*) over (partition by alias) as quern_count
  from ${leaks} t
)
select alias, view, count(*) as leaks, count(distinct arrival) as writes, max(delay_ms) as max_ms,
  ${[50, 90, 99].map(percent => `min(delay_ms) filter (where quern_place * 100 >= quern_count * ${percent}) as p${percent}_ms`).join(',\n  ')}
from ranked group by alias, view`

/** A SELECT of the batches that brought the leaking rows. */
export const leakWrites = (leaks: string): string =>
  `select view, arrival, count(*) as leaks, min(row_created_timestamp) as first, max(row_created_timestamp) as last
from ${leaks} t where arrival is not null group by view, arrival`
