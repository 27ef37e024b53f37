/** Approximate distinct counts in SQL. They use the same registers as lib/semantics/approx-distinct.ts. */
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

/**
 * Two columns derived from the hash of a value: its register times four, and the 40 bits whose leading zeros are
 * counted.
 */
function approxColumns(dialect: Dialect, filtered: FilteredColumn): readonly (readonly [string, string])[] {
  const { register, rest } = columnsOf(filtered)
  const text = dialect.text(filtered.type ?? 'string', `quern_v${filtered.n}`)
  const digits = dialect.hex(text)
  const first = dialect.hexNumber(`substr(${digits}, 1, 3)`)
  return [
    [register, `${first} - ${first} % 4`],
    [rest, dialect.hexNumber(`substr(${digits}, 4, 10)`)],
  ]
}

const approxNames = (filtered: FilteredColumn): readonly string[] => {
  const { register, rest } = columnsOf(filtered)
  return [register, rest]
}

const tableOf = ({ prefix }: WindowedView, filtered: FilteredColumn, what: string): string =>
  `${prefix}_${what}${filtered.n}`

const specsOf = ({ windows }: FilteredColumn): readonly WindowSpec[] =>
  windowSpecsOf(windows.filter(isApprox))

/**
 * Returns tables, the last of which is `<prefix>_estimates<n>`. For each window it has the number of registers that
 * are set, and the sum over them.
 */
export function approxTables(use: WindowedView, filtered: FilteredColumn): readonly string[] {
  const { register, rest } = columnsOf(filtered)
  const specs = specsOf(filtered)
  const indexes = [...specs.keys()]
  const key = keyList(use)
  const hashed = approxColumns(use.dialect, filtered).map(([name, value]) => `${value} as ${name}`)
  const events = `(select e.*, ${hashed.join(', ')} from ${use.prefix}_events e)`
  return [
    ...rangeJoinTables(use, specs, { name: `hashed${filtered.n}`, events, columns: approxNames(filtered) }),
    `${tableOf(use, filtered, 'registers')} as (
  select ${key}, ${REQUESTED_AT}, ${register}, ${indexes.map(i => `min(${rest}) ${inWindow(i, rest)} as quern_least${i}`).join(', ')}
  from ${tableOf(use, filtered, 'hashed')} group by ${key}, ${REQUESTED_AT}, ${register}
)`,
    `${tableOf(use, filtered, 'estimates')} as (
  select ${key}, ${REQUESTED_AT}, ${indexes
    .map(i => `count(quern_least${i}) as quern_set${i}, sum(${inverse(`quern_least${i}`)}) as quern_sum${i}`)
    .join(', ')}
  from ${tableOf(use, filtered, 'registers')} group by ${key}, ${REQUESTED_AT}
)`,
  ]
}

/** Two to the power of minus the rank. The rank is one more than the number of leading zeros. */
function inverse(least: string): string {
  const cases = Array.from({ length: BITS }, (_, zeros) => {
    const bound = 2 ** (BITS - 1 - zeros)
    return `when ${least} >= ${bound} then ${float(2 ** -(zeros + 1))}`
  })
  return `case when ${least} is null then null ${cases.join(' ')} else ${float(2 ** -(BITS + 1))} end`
}

/** Writes a double literal. Without an exponent, engines read a decimal. */
const float = (value: number): string => (/e/.test(String(value)) ? String(value) : `${value}e0`)

export const joinApprox = (use: WindowedView, filtered: FilteredColumn): string => {
  const alias = `a${filtered.n}`
  return `\n  left join ${tableOf(use, filtered, 'estimates')} ${alias} on ${joinKeys(use, alias, 'p')} and ${alias}.${REQUESTED_AT} = p.${REQUESTED_AT}`
}

const FACTOR = (0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS

/**
 * The value of the feature. Engines may differ in the last bit of `ln`; the rounded estimate is the same (see
 * test/approx-distinct).
 */
export function approxValue(filtered: FilteredColumn, window: WindowPlan): string {
  const i = windowSpecIndex(specsOf(filtered), window)
  const [set, sum] = ['set', 'sum'].map(name => `coalesce(a${filtered.n}.quern_${name}${i}, 0)`)
  const raw = `${float(FACTOR)} / (cast(${REGISTERS} - ${set} as double) + ${sum})`
  const few = `1024e0 * ln(1024e0 / cast(${REGISTERS} - ${set} as double))`
  return `floor(case when ${raw} <= 2560e0 and ${set} < ${REGISTERS} then ${few} else ${raw} end + 0.5e0)`
}
