/**
 * Are there so many events near the points that one running sum over all is cheaper than to bring them together? The
 * query finds out for itself, entity by entity: nobody knows beforehand how a history is spread.
 */
import { WINDOW_SQL } from './window-sql.ts'
import { EVENT_AT, joinKeys, keyList, type WindowedView, type WindowSpec } from './windowed-view.ts'

/** By measurement (`npm run bench -- --windows`): so many pairs of point and event, for each window, cost as a mark in a running sum. */
export const PAIRS_PER_MARK = 9

/** Is a sum made in one of two ways, as the density has it? */
export const hasBothWays = ({ dialect, asKnown }: WindowedView): boolean =>
  WINDOW_SQL[dialect.name].hasAsOfJoin && !asKnown

/** `<prefix>_density`: one row, whose `quern_dense` is true or false. */
export function densityTable(use: WindowedView, spans: readonly WindowSpec[]): string {
  const { prefix, dialect, pairsPerMark } = use
  const { spansBefore } = WINDOW_SQL[dialect.name]
  const longest = `${Math.max(...spans.map(({ windowMs, tileMs }) => windowMs + tileMs))}e0`
  const counted = (table: string): string =>
    `(select ${keyList(use)}, count(*) as quern_count from ${prefix}_${table} group by ${keyList(use)})`
  const whole = `cast(t.quern_span as double)`
  const pairs = `m.quern_pairs * ${longest} / (case when ${whole} > ${longest} then ${whole} else ${longest} end)`
  const marks = `(t.quern_events + ${spans.length + 1} * p.quern_points) / ${spans.length + 1}e0`
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
