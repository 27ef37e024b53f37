/**
 * The functions that a SELECT may call. The checker, the DuckDB translation and docs/reference/sql.md all use this
 * list.
 */
import { AGGREGATE, WINDOW } from './aggregate.ts'
import type { AllowedFunction, AllowedFunctions } from './allowed-function.ts'
import { ARRAY } from './array.ts'
import { CHOICE } from './choice.ts'
import { NUMBER } from './number.ts'
import { TEXT } from './text.ts'
import { TIME } from './time.ts'

export const AGGREGATES: AllowedFunctions = AGGREGATE
export const WINDOWS: AllowedFunctions = WINDOW

/** Scalar functions by topic. */
export const SCALARS: Readonly<Record<string, AllowedFunctions>> = {
  Text: TEXT,
  Numbers: NUMBER,
  'Dates and times': TIME,
  Arrays: ARRAY,
  'Choosing a value': CHOICE,
}

export type FunctionKind = 'scalar' | 'aggregate' | 'window'

export interface KnownFunction extends AllowedFunction {
  readonly kind: FunctionKind
  /** The allowed numbers of arguments. */
  readonly counts: ReadonlySet<number> | 'any'
}

/** The number of arguments of a signature; null for two or more. */
function countOf(signature: string): number | null {
  const types = signature.split('->')[0]?.trim() ?? ''
  if (types.endsWith('...')) return null
  let depth = 0
  const commas = [...types].filter(letter => {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0
    return letter === ',' && depth === 0
  })
  return types === '' ? 0 : commas.length + 1
}

function known(kind: FunctionKind, allowed: AllowedFunction): KnownFunction {
  const counts = allowed.signatures.map(countOf)
  const fixed = counts.filter(count => count !== null)
  return { ...allowed, kind, counts: fixed.length < counts.length ? 'any' : new Set(fixed) }
}

const named = (
  kind: FunctionKind,
  functions: AllowedFunctions,
): readonly (readonly [string, KnownFunction])[] =>
  Object.entries(functions).map(([name, allowed]) => [name, known(kind, allowed)] as const)

export const FUNCTIONS: ReadonlyMap<string, KnownFunction> = new Map([
  ...Object.values(SCALARS).flatMap(functions => named('scalar', functions)),
  ...named('aggregate', AGGREGATES),
  ...named('window', WINDOWS),
])
