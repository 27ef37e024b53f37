/** Checks of column names across the files of one path, for text and Parquet. */
import { type Column, RESERVED_PREFIX } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import type { SourceFile } from './source-paths.ts'

/** @throws {StoreError} `columns-misfit` */
export function partitionNames(source: string, files: readonly SourceFile[]): readonly string[] {
  const namesOf = (file: SourceFile): readonly string[] => file.partitions.map(({ name }) => name)
  const [first] = files
  if (first === undefined) return []
  const names = namesOf(first)
  const other = files.find(file => namesOf(file).join('/').toLowerCase() !== names.join('/').toLowerCase())
  const twice = new Set(names.map(name => name.toLowerCase())).size < names.length
  if (other === undefined && !twice) return names
  const there = `${first.name}${other === undefined ? '' : ` and ${other.name}`}`
  throw new StoreError(
    'columns-misfit',
    `source '${source}': folders named <column>=<value> below its path give columns, the same ones for every file; they differ: ${there}; give all files the same folders, or a path that has only some of them`,
  )
}

/** @throws {StoreError} `columns-misfit` */
export function checkOwnNames(source: string, columns: readonly { readonly name: string }[]): void {
  if (columns.some(({ name }) => name === ''))
    throw new StoreError(
      'columns-misfit',
      `source '${source}': a column of its files has no name; name it there. Nothing was read.`,
    )
  const own = columns.find(({ name }) => name.toLowerCase().startsWith(RESERVED_PREFIX))
  if (own === undefined) return
  throw new StoreError(
    'columns-misfit',
    `source '${source}': column ${own.name} of its files has a name that quern keeps for itself (${RESERVED_PREFIX}…); rename it there. Nothing was read.`,
  )
}

/**
 * Refuses a file that shares no column with the other files: it is another table, or has another format.
 * @throws {StoreError} `columns-misfit`
 */
export function checkAlike(
  source: string,
  files: readonly NamedColumns[],
  hint: (columns: readonly string[]) => string = () => '',
): void {
  const counts = new Map<string, number>()
  const keys = (columns: readonly string[]): readonly string[] => columns.map(name => name.toLowerCase())
  for (const { columns } of files)
    for (const key of keys(columns)) counts.set(key, (counts.get(key) ?? 0) + 1)
  const other = files.findLast(({ columns }) => keys(columns).every(key => counts.get(key) === 1))
  if (other === undefined || files.length === 1) return
  const first = files.find(({ name }) => name !== other.name)
  throw new StoreError(
    'columns-misfit',
    `source '${source}': file ${other.name} (${other.columns.join(', ')}) has no column of the other files, such as ${first?.name} (${first?.columns.join(', ')}); give it their columns, or let the source's path pass over it${hint(other.columns)}. Nothing was read.`,
  )
}

interface NamedColumns {
  readonly name: string
  readonly columns: readonly string[]
}

/** @throws {StoreError} `columns-misfit` */
export function checkRenamed(
  source: string,
  declared: readonly Column[],
  files: readonly NamedColumns[],
): void {
  const lower = files.map(({ name, columns }) => ({
    name,
    columns: new Set(columns.map(c => c.toLowerCase())),
  }))
  for (const { name } of declared) {
    const key = name.toLowerCase()
    const having = lower.filter(({ columns }) => columns.has(key))
    const known = new Set(having.flatMap(({ columns }) => [...columns]))
    for (const file of having.length === 0 ? [] : lower) {
      const other = file.columns.has(key) ? undefined : [...file.columns].find(column => !known.has(column))
      if (other !== undefined)
        throw new StoreError(
          'columns-misfit',
          `source '${source}': file ${file.name} lacks the declared column '${name}' and has '${other}', which the files with it lack; rename it there, or take '${name}' out of the declaration. Nothing was read.`,
        )
    }
  }
}
