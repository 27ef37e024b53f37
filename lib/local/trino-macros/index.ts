/**
 * DuckDB behaves as Athena does: the macros that a SELECT's functions, operators and casts become (lib/select). They
 * stand in a schema of their own, so that quern's own SQL never meets them.
 */
import { ARRAYS } from './arrays.ts'
import { CASTS } from './casts.ts'
import { COMPARISONS } from './comparisons.ts'
import { NUMBERS } from './numbers.ts'
import { TEXTS } from './texts.ts'
import { TIMES } from './times.ts'

const MACROS = [...COMPARISONS, ...NUMBERS, ...TEXTS, ...TIMES, ...ARRAYS, ...CASTS]

/** Statements, to be run once on each new database. */
export const trinoMacros = (): readonly string[] => [
  'create schema trino',
  ...MACROS.map(({ name, overloads }) => `create macro trino."${name}" ${overloads.join(', ')}`),
]
