/**
 * Computes the states that a view had shortly before each instant of a spine. An online store that applies the
 * arrivals of an entity in order would have returned such a state while the newest arrivals were not yet applied. A
 * state lacks the newest 0, 1, 2, … arrivals of the look-back. The arrival of an event is its created timestamp. The
 * arrival of a row of a plain view is the instant from which the row is visible. Several rows with the same instant
 * are one arrival.
 */
import { type Plan, type ServicePlan, type ViewPlan, type ViewRef, viewOf } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { columnType, type Dialect, lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT } from '../table.ts'
import { columnOf, couldBeVisible, createdBy } from '../visible-rows.ts'
import { pointInTimeJoin, SPINE_ROW } from './point-in-time-join.ts'

/** Columns of the result, in addition to {@link SPINE_ROW} and the features. */
export const STATE = {
  /** The number of arrivals that the state lacks. */
  missing: 'quern_missing',
  /** The instant of the oldest missing arrival; null if none is missing. */
  oldest: 'quern_oldest',
  /** The number of arrivals in the look-back; 0 for the state that lacks none. */
  arrivals: 'quern_arrivals',
} as const

export interface EarlierStatesInput {
  readonly dialect: Dialect
  readonly plan: Pick<Plan, 'views'>
  readonly service: ServicePlan
  /** The view, with its role. */
  readonly use: ViewRef
  /** SQL that follows FROM: a numbered spine of the service. */
  readonly spine: string
  /** The numbers of the spine rows to compute; at least one. */
  readonly rows: readonly number[]
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  /** SQL that follows FROM: the offline table of the view. */
  readonly table: string
  readonly lookBackMs: number
  /**
   * Returns the states that lack more than `above` and at most `most` arrivals. `most` must be below {@link
   * MOST_ARRIVALS}.
   */
  readonly above: number
  readonly most: number
}

/** The highest number of states of one spine row. */
export const MOST_ARRIVALS = 1_024

const NUMBER = 'quern_state'
const MOMENT = 'quern_asked'
const BOUND = 'quern_bound'
const FOUND = 'quern_found'

/** A SELECT of one row for each spine row and state, in any order. */
export function earlierStates(input: EarlierStatesInput): string {
  const view = viewOf(input.plan, input.use.view)
  return `with ${[asked(input), arrivals(input, view), ranked, states(input)].join(',\n')}
${view.aggregates === null ? rowStates(input, view) : windowStates(input, view)}`
}

const keysOf = ({ joinKeys }: ViewRef): readonly string[] => [
  ...new Set(joinKeys.map(({ from }) => quote(from))),
]

const onKeys = ({ joinKeys }: ViewRef, right: string): string =>
  joinKeys.map(({ name, from }) => `${columnOf('f', name)} = ${columnOf(right, from)}`).join(' and ')

function asked({ use, spine, rows }: EarlierStatesInput): string {
  const keys = keysOf(use)
  const present = [...keys, quote(EVENT)].map(key => `quern_s.${key} is not null`)
  return `quern_points as (
  select quern_s.${SPINE_ROW}, ${keys.map(key => `quern_s.${key}`).join(', ')}, ${columnOf('quern_s', EVENT)} as ${MOMENT}
  from ${spine} quern_s where quern_s.${SPINE_ROW} in (${rows.join(', ')}) and ${present.join(' and ')}
)`
}

/** How long before an instant a row can still be visible, in milliseconds; null for unlimited. */
function reachMs({ use }: EarlierStatesInput, { aggregates, ttlMs }: ViewPlan): number | null {
  if (aggregates === null) return ttlMs
  const taken = new Set(use.features.map(({ feature }) => feature))
  const windows = aggregates.windows.filter(({ name }) => taken.has(name))
  return Math.max(...windows.map(({ windowMs, tileMs }) => windowMs + tileMs))
}

/**
 * Conditions for the rows that a point can see if they are known. The literal bounds let an engine skip partitions.
 */
function inReach(input: EarlierStatesInput, view: ViewPlan, moment: string): readonly string[] {
  const { dialect, bounds } = input
  const reach = reachMs(input, view)
  const event = columnOf('f', EVENT)
  const within = [`${event} <= ${moment}`]
  if (reach !== null) within.push(`${event} >= ${dialect.minusMs(moment, reach)}`)
  if (bounds === null) return within
  within.push(`${event} <= ${timestampLiteral(bounds.last)}`)
  if (reach !== null) within.push(`${event} >= ${timestampLiteral(bounds.first - BigInt(reach) * 1_000n)}`)
  return within
}

function arrivals(input: EarlierStatesInput, view: ViewPlan): string {
  const { dialect, use, table, lookBackMs } = input
  const [event, created] = [columnOf('f', EVENT), columnOf('f', CREATED)]
  // A row of a plain view reaches the online store only when it is true. An event is stored as soon as it arrives.
  const arrival =
    view.aggregates === null
      ? `case when ${created} is null or ${created} < ${event} then ${event} else ${created} end`
      : created
  const on = [
    onKeys(use, 'quern_p'),
    `${arrival} <= quern_p.${MOMENT}`,
    `${arrival} > ${dialect.minusMs(`quern_p.${MOMENT}`, lookBackMs)}`,
    ...inReach(input, view, `quern_p.${MOMENT}`),
  ]
  return `quern_arrived as (
  select distinct quern_p.${SPINE_ROW}, quern_p.${MOMENT}, ${arrival} as ${STATE.oldest}
  from ${table} f join quern_points quern_p on ${on.join(' and ')}
  where ${couldBeVisible(view, null, 'f').join(' and ')}
)`
}

const byAge = `(partition by ${SPINE_ROW} order by ${STATE.oldest} desc)`

const ranked = `quern_ranked as (
  select ${SPINE_ROW}, ${STATE.oldest}, row_number() over ${byAge} as ${STATE.missing},
    lead(${STATE.oldest}) over ${byAge} as quern_next,
    count(*) over (partition by ${SPINE_ROW}) as ${STATE.arrivals}
  from quern_arrived
)`

/** The states, each with the instant up to which its arrivals were applied. */
function states({ dialect, use, lookBackMs, above, most }: EarlierStatesInput): string {
  const keys = keysOf(use).map(key => `quern_p.${key}`)
  const number = (missing: string): string =>
    `cast(quern_p.${SPINE_ROW} * ${MOST_ARRIVALS} + ${missing} as bigint) as ${NUMBER}`
  const point = [`quern_p.${SPINE_ROW}`, ...keys, `quern_p.${MOMENT}`].join(', ')
  const newest = `select ${point}, cast(0 as bigint) as ${STATE.missing}, cast(null as ${columnType(dialect, 'timestamp')}) as ${STATE.oldest},
    cast(0 as bigint) as ${STATE.arrivals}, quern_p.${MOMENT} as ${BOUND}, ${number('0')}
  from quern_points quern_p`
  const earlier = `select ${point}, quern_r.${STATE.missing}, quern_r.${STATE.oldest},
    quern_r.${STATE.arrivals}, coalesce(quern_r.quern_next, ${dialect.minusMs(`quern_p.${MOMENT}`, lookBackMs)}) as ${BOUND}, ${number(`quern_r.${STATE.missing}`)}
  from quern_ranked quern_r join quern_points quern_p on quern_p.${SPINE_ROW} = quern_r.${SPINE_ROW}
  where quern_r.${STATE.missing} > ${Math.max(above, 0)} and quern_r.${STATE.missing} <= ${most}`
  return `quern_states as (
  ${above < 0 ? `${newest}\n  union all\n  ` : ''}${earlier}
)`
}

const OF_STATE = [SPINE_ROW, ...Object.values(STATE)]

/**
 * The windows at the instant of the point, over the events that were applied. Each state gets its own entity, so that
 * its history is separate.
 */
function windowStates(input: EarlierStatesInput, view: ViewPlan): string {
  const { use, table } = input
  const key = { name: NUMBER, type: 'int64' } as const
  const applied = [
    onKeys(use, 'quern_s'),
    createdBy('f', `quern_s.${BOUND}`),
    ...inReach(input, view, `quern_s.${MOMENT}`),
  ]
  const features = joinOf(input, {
    view: { ...view, joinKeys: [key] },
    use: { ...use, joinKeys: [{ ...key, from: NUMBER }] },
    table: `(select f.*, quern_s.${NUMBER} from ${table} f join quern_states quern_s on ${applied.join(' and ')})`,
    spine: `(select ${OF_STATE.join(', ')}, ${NUMBER}, ${MOMENT} as ${quote(EVENT)} from quern_states)`,
    columns: OF_STATE,
  })
  return `select * from (\n${features}\n) quern_result`
}

/** The latest row that was applied, or null if it is expired at the instant of the point. */
function rowStates(input: EarlierStatesInput, view: ViewPlan): string {
  const { dialect, use, table } = input
  const found = { feature: EVENT, name: FOUND, fullName: FOUND, type: 'timestamp' } as const
  const features = joinOf(input, {
    view,
    use: { ...use, features: [...use.features, found] },
    table,
    spine: `(select ${[...OF_STATE, MOMENT, ...keysOf(use)].join(', ')}, ${BOUND} as ${quote(EVENT)} from quern_states)`,
    columns: [...OF_STATE, MOMENT],
  })
  const good =
    view.ttlMs === null
      ? null
      : `quern_result.${FOUND} >= ${dialect.minusMs(`quern_result.${MOMENT}`, view.ttlMs)}`
  const values = use.features.map(({ name }) => {
    const value = columnOf('quern_result', name)
    return good === null ? value : `case when ${good} then ${value} end as ${quote(name)}`
  })
  return `select ${lines([...OF_STATE.map(name => `quern_result.${name}`), ...values])}
from (\n${features}\n) quern_result`
}

interface StatesJoin {
  readonly view: ViewPlan
  readonly use: ViewRef
  readonly table: string
  readonly spine: string
  readonly columns: readonly string[]
}

const joinOf = (
  { dialect, service, bounds, lookBackMs }: EarlierStatesInput,
  { view, use, table, spine, columns }: StatesJoin,
): string =>
  pointInTimeJoin({
    dialect,
    plan: { views: { [use.view]: view } },
    service: { ...service, request: [], uses: [use], inputs: [], derived: [] },
    spine,
    spineColumns: columns,
    tables: { [use.view]: table },
    bounds: bounds && { first: bounds.first - BigInt(lookBackMs) * 1_000n, last: bounds.last },
    asKnown: view.aggregates === null,
  })
