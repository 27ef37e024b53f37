/**
 * Checks a user's query: it must be one SELECT over the allowed tables. DuckDB's own parser parses it
 * (`json_serialize_sql`), so the checked query is the one that runs.
 */
import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import * as z from 'zod/mini'
import type { UserQuery } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'

/** Table functions that read no data. */
const GENERATORS = new Set(['unnest', 'range', 'generate_series'])
const READERS = new Set([
  'read_parquet',
  'parquet_scan',
  'read_csv',
  'read_csv_auto',
  'read_json',
  'read_json_auto',
])
/** Functions that read or change the state of the process. */
const REFUSED = new Set([
  'getenv',
  'current_setting',
  'getvariable',
  'write_log',
  'nextval',
  'currval',
  'query',
  'query_table',
])
/** Names of tables. A file name contains a dot and does not match. */
const NAME = /^[a-z_][a-z0-9_]*$/i

const Parsed = z.union([
  z.object({ error: z.literal(true), error_type: z.string(), error_message: z.string() }),
  z.object({ error: z.literal(false), statements: z.array(z.unknown()) }),
])

const Table = z.object({
  type: z.literal('BASE_TABLE'),
  table_name: z.string(),
  schema_name: z.string(),
  catalog_name: z.string(),
})
const TableFunction = z.object({
  type: z.literal('TABLE_FUNCTION'),
  function: z.object({ function_name: z.string(), children: z.array(z.unknown()) }),
})
const Call = z.object({ class: z.literal('FUNCTION'), function_name: z.string() })
const Named = z.object({ cte_map: z.object({ map: z.array(z.object({ key: z.string() })) }) })
const Constant = z.object({ value: z.object({ value: z.string() }) })
const List = z.object({ function_name: z.literal('list_value'), children: z.array(z.unknown()) })

/** Yields all objects of a tree, parents first. */
function* nodesOf(tree: unknown): Generator<object> {
  if (typeof tree !== 'object' || tree === null) return
  yield tree
  for (const below of Object.values(tree)) yield* nodesOf(below)
}

/** Names of the query's common table expressions. */
const ownNames = (nodes: readonly object[]): readonly string[] =>
  nodes
    .flatMap(node => Named.safeParse(node).data?.cte_map.map ?? [])
    .map(({ key }) => key)
    .filter(key => NAME.test(key))

/** Path arguments of a reader function; null if they are not plain text constants. */
function pathsOf([first]: readonly unknown[]): readonly string[] | null {
  const list = List.safeParse(first).data?.children ?? [first]
  const paths = list.map(each => Constant.safeParse(each).data?.value.value)
  return paths.every(path => path !== undefined) ? paths : null
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const PATTERN = /[*?[{]/

/** Whether a path, or the folder before its first wildcard, is below a folder and outside of its .quern folder. */
function isBelow(folder: string, path: string): boolean {
  if (path.split(/[\\/]/).includes('..')) return false
  const [before = ''] = path.split(PATTERN)
  const fixed = PATTERN.test(path) ? dirname(`${before}_`) : path
  const way = relative(realPath(folder), realPath(resolve(fixed)))
  return !isAbsolute(way) && !['..', '.quern'].includes(way.split(sep)[0] ?? '')
}

/** What a query may read. */
interface Allowed {
  /** Table names in lower case. */
  readonly tables: ReadonlySet<string>
  readonly files: string | undefined
  /** The allowed tables as a phrase for messages. */
  readonly said: string
}

function fileRefusal({ files, said }: Allowed, path: string): string | undefined {
  if (files !== undefined && isBelow(files, path)) return undefined
  return `it reads the file '${path}'; ${said}: declare the file as a source`
}

function tableRefusal(allowed: Allowed, node: object): string | undefined {
  const { table_name: name, schema_name: schema, catalog_name: catalog } = Table.safeParse(node).data ?? {}
  if (name === undefined) return undefined
  const isBare = schema === '' && catalog === ''
  if (isBare && allowed.tables.has(name.toLowerCase())) return undefined
  if (isBare && !NAME.test(name)) return fileRefusal(allowed, name)
  return `there is no table '${[catalog, schema, name].filter(Boolean).join('.')}'; ${allowed.said}`
}

function readerRefusal(allowed: Allowed, node: object): string | undefined {
  const { function_name: name, children } = TableFunction.safeParse(node).data?.function ?? {}
  if (name === undefined || children === undefined || GENERATORS.has(name)) return undefined
  if (!READERS.has(name)) return `it calls ${name}, which is no table; ${allowed.said}`
  const paths = pathsOf(children)
  if (paths === null) return `it calls ${name} with a path that is no plain text`
  return paths.map(path => fileRefusal(allowed, path)).find(reason => reason !== undefined)
}

function callRefusal(node: object): string | undefined {
  const name = Call.safeParse(node).data?.function_name.toLowerCase()
  return name !== undefined && REFUSED.has(name) ? `it calls ${name}, which no query may` : undefined
}

function formRefusal(node: object): string | undefined {
  if (!('type' in node)) return undefined
  if (node.type === 'SHOW_REF') return 'it describes a table, and must be a SELECT'
  return node.type === 'VALUE_PARAMETER' ? 'it has a parameter, which nothing gives a value' : undefined
}

/** The reason for a refusal; undefined: the query may run. */
function refusal({ tables, files }: UserQuery, statements: readonly unknown[]): string | undefined {
  if (statements.length !== 1) return `it has ${statements.length} statements, and must be one SELECT`
  const nodes = [...nodesOf(statements[0])]
  const names = [...tables, ...ownNames(nodes)].map(name => name.toLowerCase())
  const said = tables.length === 0 ? 'it may read no table' : `it may read ${tables.join(', ')}`
  const allowed: Allowed = { tables: new Set(names), files, said }
  for (const node of nodes) {
    const reason =
      tableRefusal(allowed, node) ?? readerRefusal(allowed, node) ?? callRefusal(node) ?? formRefusal(node)
    if (reason !== undefined) return reason
  }
  return undefined
}

/**
 * @param tree the parse tree of the query, as JSON
 * @throws {StoreError} `query-refused`
 */
export function admitQuery(query: UserQuery, tree: string): void {
  const parsed = Parsed.parse(JSON.parse(tree))
  const reason = !parsed.error
    ? refusal(query, parsed.statements)
    : parsed.error_type === 'parser'
      ? `it cannot be read: ${parsed.error_message}`
      : 'it is no SELECT statement, and nothing else may run'
  if (reason !== undefined) throw new StoreError('query-refused', `${query.name}: ${reason}`)
}
