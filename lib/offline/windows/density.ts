/**
 * Decides whether one running sum over all events is cheaper than a range join of points and events. The query
 * decides this itself from the data, because the distribution of the events is not known when the SQL is written.
 */
import { WINDOW_SQL } from './window-sql.ts'
import { EVENT_AT, joinKeys, keyList, type WindowedView, type WindowSpec } from './windowed-view.ts'

/**
 * The cost of one row of a running sum, in pairs of point and event, per window. Measured by `npm run bench --
 * --windows`.
 */
export const PAIRS_PER_MARK = 9

/** True if the query contains both ways to compute a sum, and the density selects one. */
export const hasBothWays = ({ dialect, asKnown }: WindowedView): boolean =>
  WINDOW_SQL[dialect.name].hasAsOfJoin && !asKnown

/** The table `<prefix>_density`: one row with the boolean `quern_dense`. */
export function densityTable(use: WindowedView, specs: readonly WindowSpec[]): string {
  const { prefix, dialect, pairsPerMark } = use
  const { spansBefore } = WINDOW_SQL[dialect.name]
  const longest = `${Math.max(...specs.map(({ windowMs, tileMs }) => windowMs + tileMs))}e0`
  const counted = (table: string): string =>
    `(select ${keyList(use)}, count(*) as quern_count from ${prefix}_${table} group by ${keyList(use)})`
  const whole = `cast(t.quern_span as double)`
  const pairs = `m.quern_pairs * ${longest} / (case when ${whole} > ${longest} then ${whole} else ${longest} end)`
  const marks = `(t.quern_events + ${specs.length + 1} * p.quern_points) / ${specs.length + 1}e0`
  return `${prefix}_density as (
  select coalesce(${pairs} > ${pairsPerMark}e0 * ${marks}, false) as quern_dense
  from (
    select sum(cast(p.quern_count as double) * e.quern_count) as quern_pairs
    from ${counted('points')} p join ${counted('events')} e on ${joinKeys(use, 'p', 'e')}
  ) m
  cross join (
    select count(*) as quern_events, max(${spansBefore(EVENT_AT, 1)}) - min(${spansBefore(EVENT_AT, 1)}) as quern_span
    from ${prefix}_events
  ) t
  cross join (select count(*) as quern_points from ${prefix}_points) p
)`
}

export const whereDense = ({ prefix }: WindowedView): string =>
  `where (select quern_dense from ${prefix}_density)`
export const whereSparse = ({ prefix }: WindowedView): string =>
  `where not (select quern_dense from ${prefix}_density)`
