/** What a change costs, as a person reads it. */
import type { MonthlyEstimate } from '../../cost/monthly-estimate.ts'
import type { OnceCost } from '../../cost/once.ts'
import { type OwnerChange, ownerChanges } from '../../cost/owner-dollars.ts'
import { AS_OF, PRICED_REGION } from '../../cost/prices.ts'
import { dollars } from '../commands/cost.ts'
import type { KnownRows } from '../effects/backfill-rows.ts'
import { bytes, count, duration } from './print.ts'

export interface Money {
  /** Null: the bill before is not known. */
  readonly was: MonthlyEstimate | null
  readonly is: MonthlyEstimate
  /** Rows to compute; a view's key where nobody knows how many. */
  readonly rows: readonly (KnownRows | string)[]
  readonly once: OnceCost
  /** Was a workload given? */
  readonly isLoaded: boolean
}

export const moneyTexts = ({ was, is, rows, once, isLoaded }: Money): readonly string[] => [
  ...onceTexts(rows, once),
  `by month: ${was === null ? '' : `${dollars(was.dollars)} → `}${dollars(is.dollars)}${was === null ? '' : ` (${signed(is.dollars - was.dollars)})`}, ${isLoaded ? 'with this workload' : 'idle'}`,
  ...(was === null ? [] : ownerChanges(was, is).map(changeText)),
  `on-demand prices of ${PRICED_REGION}, ${AS_OF}; typical rows; each query reads 10 MB at the least; without free tiers, data transfer and taxes`,
]

function onceTexts(
  rows: readonly (KnownRows | string)[],
  { bill, bytes: size, writingMs }: OnceCost,
): readonly string[] {
  if (rows.length === 0) return ['once: nothing, no row is computed']
  const total = rows.every(one => typeof one === 'string')
    ? 'not known'
    : `${small(bill.dollars)}: ${byService(bill)}; ${bytes(size)} of history, ${duration(writingMs)} of writing items`
  return [`once: ${total}`, ...rows.map(rowsText)]
}

function rowsText(one: KnownRows | string): string {
  if (typeof one === 'string') return `  view ${one}: nobody knows how many rows; say so with --workload`
  const { view, rows, items, from, isOfTiles } = one
  const [what, where] = isOfTiles ? ['events', 'items of tiles'] : ['rows', 'items']
  return `  view ${view}: ${count(rows)} ${what}, ${count(items)} ${where} (${from})`
}

/** The dearest first, without what is a hundredth of it all. */
function byService({ lines, dollars: all }: MonthlyEstimate): string {
  const sums = [...Map.groupBy(lines, ({ service }) => service)].map(
    ([service, own]) => [service, own.reduce((sum, line) => sum + line.dollars, 0)] as const,
  )
  return sums
    .filter(([, sum]) => sum >= all / 100)
    .sort(([, a], [, b]) => b - a)
    .map(([service, sum]) => `${service} ${small(sum)}`)
    .join(', ')
}

function changeText({ owner, was, is }: OwnerChange): string {
  if (was === null) return `  ${owner}: new, ${dollars(is ?? 0)}`
  if (is === null) return `  ${owner}: gone, ${dollars(was)} less`
  return `  ${owner}: ${dollars(was)} → ${dollars(is)}`
}

const signed = (amount: number): string => `${amount < 0 ? '−' : '+'}${dollars(Math.abs(amount))}`

/** What is done once is mostly less than a cent. */
const small = (amount: number): string => (amount < 0.01 ? `$${amount.toFixed(4)}` : dollars(amount))
