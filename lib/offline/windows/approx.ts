/** Approximate counts of different values, by the registers of lib/semantics/approx-distinct.ts. */
import type { WindowPlan } from '../../plan/plan.ts'
import type { Dialect } from '../../sql/dialect.ts'
import type { FilteredColumn } from './filtered-columns.ts'
import { inWindow, rangeJoinTables } from './range-joins.ts'
import {
  joinKeys,
  keyList,
  REQUESTED_AT,
  type WindowedView,
  type WindowSpec,
  windowSpecIndex,
  windowSpecsOf,
} from './windowed-view.ts'

export const isApprox = ({ aggregation }: WindowPlan): boolean => aggregation === 'approxDistinct'

const REGISTERS = 1_024
const BITS = 40

const columnsOf = ({ n }: FilteredColumn) => ({ register: `quern_g${n}`, rest: `quern_w${n}` })

/** Of a value's hash: its register, times four, and the 40 bits whose leading zeros count. */
function approxColumns(dialect: Dialect, slot: FilteredColumn): readonly (readonly [string, string])[] {
  const { register, rest } = columnsOf(slot)
  const text = dialect.text(slot.type ?? 'string', `quern_v${slot.n}`)
  const digits = dialect.hex(text)
  const first = dialect.hexNumber(`substr(${digits}, 1, 3)`)
  return [
    [register, `${first} - ${first} % 4`],
    [rest, dialect.hexNumber(`substr(${digits}, 4, 10)`)],
  ]
}

const approxNames = (slot: FilteredColumn): readonly string[] => {
  const { register, rest } = columnsOf(slot)
  return [register, rest]
}

const tableOf = ({ prefix }: WindowedView, slot: FilteredColumn, what: string): string =>
  `${prefix}_${what}${slot.n}`

const spansOfSlot = ({ windows }: FilteredColumn): readonly WindowSpec[] =>
  windowSpecsOf(windows.filter(isApprox))

/** End in `<prefix>_estimates<n>`: of each window, how many registers are set, and their sum. */
export function approxTables(use: WindowedView, slot: FilteredColumn): readonly string[] {
  const { register, rest } = columnsOf(slot)
  const spans = spansOfSlot(slot)
  const places = [...spans.keys()]
  const key = keyList(use)
  const hashed = approxColumns(use.dialect, slot).map(([name, value]) => `${value} as ${name}`)
  const events = `(select e.*, ${hashed.join(', ')} from ${use.prefix}_events e)`
  return [
    ...rangeJoinTables(use, spans, { name: `hashed${slot.n}`, events, columns: approxNames(slot) }),
    `${tableOf(use, slot, 'registers')} as (
  select ${key}, ${REQUESTED_AT}, ${register}, ${places.map(i => `min(${rest}) ${inWindow(i, rest)} as quern_least${i}`).join(', ')}
  from ${tableOf(use, slot, 'hashed')} group by ${key}, ${REQUESTED_AT}, ${register}
)`,
    `${tableOf(use, slot, 'estimates')} as (
  select ${key}, ${REQUESTED_AT}, ${places
    .map(i => `count(quern_least${i}) as quern_set${i}, sum(${inverse(`quern_least${i}`)}) as quern_sum${i}`)
    .join(', ')}
  from ${tableOf(use, slot, 'registers')} group by ${key}, ${REQUESTED_AT}
)`,
  ]
}

/** 2 to the power of minus the rank, which is one more than the zeros before the first bit. */
function inverse(least: string): string {
  const cases = Array.from({ length: BITS }, (_, zeros) => {
    const bound = 2 ** (BITS - 1 - zeros)
    return `when ${least} >= ${bound} then ${float(2 ** -(zeros + 1))}`
  })
  return `case when ${least} is null then null ${cases.join(' ')} else ${float(2 ** -(BITS + 1))} end`
}

/** As a literal of a double, not of a decimal. */
const float = (value: number): string => (/e/.test(String(value)) ? String(value) : `${value}e0`)

export const joinApprox = (use: WindowedView, slot: FilteredColumn): string => {
  const alias = `a${slot.n}`
  return `\n  left join ${tableOf(use, slot, 'estimates')} ${alias} on ${joinKeys(use, alias, 'p')} and ${alias}.${REQUESTED_AT} = p.${REQUESTED_AT}`
}

const FACTOR = (0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS

/** The feature. `ln` may differ in its last bit between engines, which no rounded estimate feels (test/approx-distinct). */
export function approxValue(slot: FilteredColumn, window: WindowPlan): string {
  const i = windowSpecIndex(spansOfSlot(slot), window)
  const [set, sum] = ['set', 'sum'].map(name => `coalesce(a${slot.n}.quern_${name}${i}, 0)`)
  const raw = `${float(FACTOR)} / (cast(${REGISTERS} - ${set} as double) + ${sum})`
  const few = `1024e0 * ln(1024e0 / cast(${REGISTERS} - ${set} as double))`
  return `floor(case when ${raw} <= 2560e0 and ${set} < ${REGISTERS} then ${few} else ${raw} end + 0.5e0)`
}
