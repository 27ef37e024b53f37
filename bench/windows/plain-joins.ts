/** The same windows as a user would ask DuckDB for them: range joins, in two forms. */
import type { WindowPlan } from '../../lib/plan/plan.ts'
import { EVENTS, SPINE } from './data.ts'

const startName = ({ windowMs }: WindowPlan): string => `start_${windowMs}`

/** Rounded down as quern's windows are, or the answers would be others. */
const startSql = ({ windowMs, tileMs }: WindowPlan): string =>
  `time_bucket(to_milliseconds(${tileMs}), event_timestamp - to_milliseconds(${windowMs}))`

/** One of each length, the longest last. */
const lengthsOf = (windows: readonly WindowPlan[]): readonly WindowPlan[] =>
  [...new Map(windows.map(window => [window.windowMs, window])).values()].sort(
    (a, b) => a.windowMs - b.windowMs,
  )

const spineWithStarts = (windows: readonly WindowPlan[]): string => {
  const starts = lengthsOf(windows).map(window => `${startSql(window)} as ${startName(window)}`)
  return `s as (select *, ${starts.join(', ')} from ${SPINE})`
}

function aggregateSql({ aggregation, column }: WindowPlan): string {
  const value = `e.${column ?? 'quern_event'}`
  switch (aggregation) {
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
      return `${aggregation}(${value})`
    case 'mean':
      return `avg(${value})`
    case 'stddev':
      return `stddev_samp(${value})`
    case 'last':
      return `arg_max(${value}, e.event_timestamp)`
    default:
      throw new Error(`no plain form of ${aggregation}`)
  }
}

const rangeJoin = (start: WindowPlan): string =>
  `s left join ${EVENTS} e on e.customer_id = s.customer_id and e.event_timestamp between s.${startName(start)} and s.event_timestamp`

/** A range join for each window. */
export function joinEach(windows: readonly WindowPlan[]): string {
  const lengths = lengthsOf(windows)
  const tables = lengths.map((length, i) => {
    const own = windows.filter(({ windowMs }) => windowMs === length.windowMs)
    const values = own.map(window => `${aggregateSql(window)} as ${window.name}`)
    return `w${i} as (select s.spine_row, ${values.join(', ')} from ${rangeJoin(length)} group by s.spine_row)`
  })
  const names = windows.map(({ name }) => name).join(', ')
  const joined = lengths.map((_, i) => `join w${i} using (spine_row)`).join(' ')
  return `with ${[spineWithStarts(windows), ...tables].join(',\n')}\nselect spine_row, ${names} from s ${joined}`
}

/** One range join over the longest window, from which each window takes its events. */
export function joinOnce(windows: readonly WindowPlan[]): string {
  const lengths = lengthsOf(windows)
  const longest = lengths.at(-1)
  if (longest === undefined) throw new Error('no windows are asked for')
  const values = windows.map(window => {
    const within =
      window.windowMs === longest.windowMs
        ? ''
        : ` filter (where e.event_timestamp >= s.${startName(window)})`
    return `${aggregateSql(window)}${within} as ${window.name}`
  })
  return `with ${spineWithStarts(windows)}\nselect s.spine_row, ${values.join(', ')} from ${rangeJoin(longest)} group by s.spine_row`
}
