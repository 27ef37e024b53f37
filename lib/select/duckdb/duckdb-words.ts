/** Names, texts and calls of macros as DuckDB writes them. */
import type { EngineType } from '../types/engine-type.ts'

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The schema of the macros that behave as Athena does. */
export const SCHEMA = 'trino'

export const macro = (name: string, args: readonly string[]): string =>
  `${SCHEMA}."${name}"(${args.join(', ')})`

/** SQL, and its type where it is known. */
export interface Typed {
  readonly sql: string
  readonly type: EngineType | null
}

/** Something of the type: by it the overload of a macro is chosen. What is not known is the value itself. */
const witness = ({ sql, type }: Typed): string => {
  if (type === null) return sql
  return type === 'NULL' ? 'null' : `null::${type.replace(/^NULL(?=\[)/, '"NULL"')}`
}

/** A macro of overloads: first a witness of each argument's type, then the arguments as they are. */
export const typedMacro = (name: string, args: readonly Typed[]): string =>
  macro(name, [...args.map(witness), ...args.map(({ sql }) => sql)])

/** An argument of quern's own making. */
export const constant = (sql: string, type: EngineType = 'VARCHAR'): Typed => ({ sql, type })
