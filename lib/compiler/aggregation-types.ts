/** Which column types each aggregation accepts, and the type of its result. */
import type { AggregationKind } from '../definition/aggregation.ts'
import { parseType, type ValueType } from '../definition/value-types.ts'
import type { Column } from '../plan/plan.ts'
import { type DiagnosticPath, unknownName } from './diagnostics/diagnostic-path.ts'

const NUMBERS = ['int32', 'int64', 'float32', 'float64']
const COMPARED = [...NUMBERS, 'timestamp', 'date']
const EXACT = ['string', 'int32', 'int64', 'date', 'bool']
const SCALARS = ['bool', ...COMPARED, 'string']

/** The column types that each aggregation accepts. */
export const TAKES: Readonly<Record<AggregationKind, readonly string[]>> = {
  count: SCALARS,
  sum: NUMBERS,
  mean: NUMBERS,
  min: COMPARED,
  max: COMPARED,
  stddev: NUMBERS,
  first: SCALARS,
  last: SCALARS,
  lastN: SCALARS,
  approxDistinct: EXACT,
}

export const isKindOfAggregation = (value: unknown): value is AggregationKind =>
  typeof value === 'string' && Object.hasOwn(TAKES, value)

/** Null, with a diagnostic, if the aggregation does not accept the column. @param column null: whole events */
export function madeType(
  place: DiagnosticPath,
  kind: AggregationKind,
  { column, columns }: { readonly column: string | null; readonly columns: readonly Column[] },
): ValueType | null {
  if (column === null && kind === 'count') return 'int64'
  const found = columns.find(({ name }) => name === column)
  if (found === undefined) {
    unknownName(
      place,
      String(column),
      columns.map(({ name }) => name),
    )
    return null
  }
  if (!TAKES[kind].includes(found.type)) {
    place.report('aggregation-type', `${kind} of ${found.name} (${found.type})`, {
      allowed: TAKES[kind].join(', '),
    })
    return null
  }
  return typeMade(kind, found.type)
}

function typeMade(kind: AggregationKind, type: ValueType): ValueType | null {
  if (kind === 'count' || kind === 'approxDistinct') return 'int64'
  if (kind === 'mean' || kind === 'stddev') return 'float64'
  if (kind === 'sum') return type === 'int32' || type === 'int64' ? 'int64' : 'float64'
  if (kind !== 'lastN') return type
  const shape = parseType(type)
  return shape?.kind === 'scalar' ? `array<${shape.scalar}>` : null
}
