/**
 * The windows of an aggregate view at each point of a spine, by the rule of lib/window.ts. One use of a view becomes a
 * few tables of a query, the last of which has one row for each point. Judged by test/oracle/windows.test.ts.
 */
import type { WindowPlan } from '../../compiler/plan.ts'
import { quote } from '../dialect.ts'
import { approxColumns, approxNames, approxTables, approxValue, isApprox, joinApprox } from './approx.ts'
import { densityTable, hasBothWays, whereSparse } from './density.ts'
import { foundValue, isFound, ofType } from './found.ts'
import { nearTables } from './near.ts'
import { isSum, sumColumns } from './running.ts'
import type { Slot } from './slots.ts'
import { joinSums, sumTables, sumValue } from './sums.ts'
import {
  eventsTable,
  isPlaced,
  joinKeys,
  keyList,
  MOMENT,
  PLACE,
  type Span,
  spansOf,
  useSlots,
  type WindowUse,
} from './window-use.ts'

/** Tables that end in `<prefix>_rows`: key, `quern_moment` and features of each row of `<prefix>_points`. */
export function windowTables(use: WindowUse): readonly string[] {
  const slots = useSlots(use)
  const spans = spansOf(slots.flatMap(slot => slot.windows))
  const has = (kind: (window: WindowPlan) => boolean): boolean => slots.some(slot => slot.windows.some(kind))
  const sums = has(isSum)
  const found = has(isFound)
  const approx = slots.filter(slot => slot.windows.some(isApprox))
  const isChosen = sums && hasBothWays(use)
  const gathered = sums && (isChosen || use.asKnown)
  const isNear = found || approx.length > 0 || gathered
  // Where it is for sums alone, nobody looks at what is near before it is known to be little.
  const where = isChosen && !found && approx.length === 0 ? ` ${whereSparse(use)}` : ''
  return [
    eventsTable(use, slots),
    ...(isChosen ? [densityTable(use, spans, use.pairsPerMark)] : []),
    ...(isNear
      ? nearTables(use, spans, { ...nearInput(use, slots, { approx, sums: gathered }), where })
      : []),
    ...(sums ? sumTables(use, slots, spans) : []),
    ...(found ? [foundTable(use, slots, spans)] : []),
    ...approx.flatMap(slot => approxTables(use, slot, spans)),
    rowsTable(use, slots, spans),
  ]
}

interface Wanted {
  readonly approx: readonly Slot[]
  readonly sums: boolean
}

function nearInput(use: WindowUse, slots: readonly Slot[], { approx, sums }: Wanted) {
  const { prefix, dialect } = use
  const hashed = approx.flatMap(slot => approxColumns(dialect, slot))
  const source = sums ? sumColumns(use, slots) : { from: `${prefix}_events`, names: [] }
  const events =
    hashed.length === 0
      ? source.from
      : `(select e.*, ${hashed.map(([name, value]) => `${value} as ${name}`).join(', ')} from ${source.from} e)`
  const values = slots.filter(slot => slot.windows.some(isFound)).map(({ n }) => `quern_v${n}`)
  const place = slots.some(slot => slot.windows.some(isPlaced)) ? [PLACE] : []
  return { events, columns: [...place, ...values, ...source.names, ...approx.flatMap(approxNames)] }
}

const windowsWith = (slots: readonly Slot[], kind: (window: WindowPlan) => boolean) =>
  slots.flatMap(slot => slot.windows.filter(kind).map(window => ({ slot, window })))

function foundTable(use: WindowUse, slots: readonly Slot[], spans: readonly Span[]): string {
  const { prefix } = use
  const values = windowsWith(slots, isFound).map(
    ({ slot, window }) => `${foundValue(slot, window, spans)} as ${quote(window.name)}`,
  )
  return `${prefix}_found as (
  select ${keyList(use)}, ${MOMENT}, ${values.join(', ')}
  from ${prefix}_near group by ${keyList(use)}, ${MOMENT}
)`
}

/** A point that no event is near has a row too: its counts are zero. */
function rowsTable(use: WindowUse, slots: readonly Slot[], spans: readonly Span[]): string {
  const { prefix, keys } = use
  const values = windowsWith(slots, () => true).map(
    ({ slot, window }) =>
      `${ofType(use, window, featureOf(use, slot, window, spans))} as ${quote(window.name)}`,
  )
  const joins = [
    windowsWith(slots, isSum).length > 0 ? joinSums(use) : '',
    windowsWith(slots, isFound).length > 0
      ? `\n  left join ${prefix}_found f on ${joinKeys(use, 'f', 'p')} and f.${MOMENT} = p.${MOMENT}`
      : '',
    ...slots.filter(slot => slot.windows.some(isApprox)).map(slot => joinApprox(use, slot)),
  ]
  return `${prefix}_rows as (
  select ${[...keys.map(({ key }) => key), MOMENT].map(name => `p.${name}`).join(', ')}, ${values.join(',\n    ')}
  from ${prefix}_points p${joins.join('')}
)`
}

function featureOf(use: WindowUse, slot: Slot, window: WindowPlan, spans: readonly Span[]): string {
  if (isSum(window)) return sumValue(use, slot, window, spans)
  if (isApprox(window)) return approxValue(slot, window, spans)
  return `f.${quote(window.name)}`
}
