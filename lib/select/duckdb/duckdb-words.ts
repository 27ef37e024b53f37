/** DuckDB's syntax of names, texts and macro calls. */
import type { EngineType } from '../types/engine-type.ts'

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The schema of the macros with Athena's semantics. */
export const SCHEMA = 'trino'

export const macro = (name: string, args: readonly string[]): string =>
  `${SCHEMA}."${name}"(${args.join(', ')})`

/** SQL text, and its type if known. */
export interface Typed {
  readonly sql: string
  readonly type: EngineType | null
}

/** A value of the type, which selects the overload of a macro. If the type is unknown, the value itself. */
const witness = ({ sql, type }: Typed): string => {
  if (type === null) return sql
  return type === 'NULL' ? 'null' : `null::${type.replace(/^NULL(?=\[)/, '"NULL"')}`
}

/** A call of an overloaded macro: first a witness of each argument's type, then the arguments. */
export const typedMacro = (name: string, args: readonly Typed[]): string =>
  macro(name, [...args.map(witness), ...args.map(({ sql }) => sql)])

/** An argument that quern generates. */
export const constant = (sql: string, type: EngineType = 'VARCHAR'): Typed => ({ sql, type })
