/**
 * Athena's own statements in Trino's words. What is not listed here reaches Trino as quern wrote it.
 * docs/conformance.md has the list for people.
 */

/** Statements to run in Athena's place, one after the other; the result is the last one's. */
export type Translated = readonly string[]

/** Hive's names of types, which Athena's DDL uses, in Trino's. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  float: 'real',
  string: 'varchar',
  binary: 'varbinary',
  timestamp: 'timestamp(6)',
}

const typeOf = (hive: string): string => {
  const element = /^array<(.*)>$/.exec(hive)?.[1]
  return element === undefined ? (TYPES[hive] ?? hive) : `array(${typeOf(element)})`
}

const unquoted = (sql: string): string => sql.replaceAll('`', '"')

/** `` `a` string, `b` array<int> `` as Trino has it. */
const columnsOf = (list: string): readonly string[] =>
  list.split(/,\s*(?=`)/).map(column => {
    const [, name, type = ''] = /^\s*(`[^`]+`)\s+(.*?)\s*$/s.exec(column) ?? []
    return `${unquoted(name ?? column)} ${typeOf(type)}`
  })

let unloads = 0

const TRANSLATIONS: readonly (readonly [RegExp, (parts: readonly string[]) => Translated])[] = [
  [
    /^(create table (?:if not exists )?\S+) \(\n(.*?)\n\)(?:\npartitioned by \((.*?)\))?\nlocation ('.*?')\ntblproperties \(.*\)$/is,
    ([head = '', columns = '', partitions = '', location]) => {
      const partitioning =
        partitions === '' ? '' : `, partitioning = array['${partitions.replaceAll('`', '')}']`
      const properties = `location = ${location}${partitioning}, format = 'PARQUET'`
      return [`${unquoted(head)} (${columnsOf(columns).join(', ')}) with (${properties})`]
    },
  ],
  [
    /^create table (\S+) with \(table_type = 'ICEBERG',.* location = ('(?:[^']|'')*').*?\) as\n(.*)$/is,
    ([table, location, query]) => [
      `create table ${table} with (location = ${location}, format = 'PARQUET') as ${query}`,
    ],
  ],
  [
    /^alter table (\S+) add columns \((.*)\)$/is,
    ([table = '', columns = '']) =>
      columnsOf(columns).map(column => `alter table ${unquoted(table)} add column ${column}`),
  ],
  [/^(drop table .*)$/is, ([statement = '']) => [unquoted(statement)]],
  // A table of Hive's, of which only the files stay.
  [
    /^unload \((.*)\) to ('(?:[^']|'')*') with \(format = 'PARQUET'.*\)$/is,
    ([query, location]) => {
      const table = `hive.unload.t${++unloads}`
      const properties = `external_location = ${location}, format = 'PARQUET'`
      return [
        'create schema if not exists hive.unload',
        `create table ${table} with (${properties}) as ${query}`,
        `drop table ${table}`,
      ]
    },
  ],
  [/^optimize (\S+) rewrite data using bin_pack$/i, ([table]) => [`alter table ${table} execute optimize`]],
  [
    /^vacuum (\S+)$/i,
    ([table]) => [`alter table ${table} execute expire_snapshots(retention_threshold => '0s')`],
  ],
]

export function translate(athena: string): Translated {
  const sql = athena.replaceAll('"AwsDataCatalog".', '"iceberg".')
  for (const [pattern, inTrino] of TRANSLATIONS) {
    const parts = pattern.exec(sql)
    if (parts !== null) return inTrino(parts.slice(1).map(part => part ?? ''))
  }
  return [sql]
}

/**
 * Converts Athena's compression property of a table to Trino's session property `property=value`; empty if there is
 * none.
 */
export function sessionOf(athena: string): string {
  const codec = /write_compression'? = '(\w+)'/.exec(athena)?.[1]
  return codec === undefined ? '' : `iceberg.compression_codec=${codec.toUpperCase()}`
}
