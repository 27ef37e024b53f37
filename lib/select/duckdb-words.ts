/** Names, texts and calls of macros as DuckDB writes them. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The schema of the macros that behave as Athena does. */
export const SCHEMA = 'trino'

export const macro = (name: string, args: readonly string[]): string => `${SCHEMA}."${name}"(${args.join(', ')})`

/** Its arguments twice: the first time for their types, by which the macro is chosen, the second time as they are. */
export const typedMacro = (name: string, args: readonly string[]): string => macro(name, [...args, ...args])
