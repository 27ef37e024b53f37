/** The names that a part of a SELECT may use, resolved by Athena's rules. */
import { nearestName } from '../../text/nearest-name.ts'
import { Refused } from '../refused.ts'
import type { Expression } from '../select-tree.ts'
import type { EngineType } from './engine-type.ts'

export interface TypedColumn {
  /** Empty if the column has no name that a SELECT can use. */
  readonly name: string
  readonly type: EngineType | null
}

export interface Columns {
  readonly known: readonly TypedColumn[]
  /** Whether these are all columns, in their order. */
  readonly isWhole: boolean
}

export const UNKNOWN_COLUMNS: Columns = { known: [], isWhole: false }

/** What a column name resolves to. */
export type Reference =
  | { readonly kind: 'path'; readonly path: readonly string[] }
  /** From 1. */
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'expression'; readonly expression: Expression }

/** A relation in FROM, or the result columns of a SELECT. */
export interface Source extends Columns {
  readonly alias: string | null
  /** What each known result column resolves to; undefined for tables. */
  readonly outputs?: readonly Reference[]
}

export interface Scope {
  readonly tables: ReadonlyMap<string, Columns>
  readonly sources: readonly Source[]
  readonly outer: Scope | null
  /** Aliases of the SELECT's result columns, for messages. */
  readonly aliases?: readonly string[]
  /** Whether this is within an aggregate, which cannot use the SELECT's own result columns. */
  readonly isAggregated?: boolean
}

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Null: unknown before the source is read. */
export interface Resolved {
  readonly type: EngineType | null
  readonly reference: Reference
  /** Position among the SELECT's result columns, from 1; null for a column of a table. */
  readonly output: number | null
}

type Column = Extract<Expression, { kind: 'column' }>

/** @throws {Refused} if no table has the column, or several have it */
export function resolve(column: Column, scope: Scope): Resolved | null {
  const { path, at } = column
  const name = path.at(-1) ?? ''
  for (let level: Scope | null = scope; level !== null; level = level.outer) {
    const sources = level.sources.filter(
      ({ alias }) => path.length < 2 || (alias !== null && same(alias, path[0] ?? '')),
    )
    const found = sources.flatMap(source => matches(source, name))
    const [only] = found
    if (found.length > 1) throw new Refused(`the column ${name}, of which there are two`, `table.${name}`, at)
    if (only !== undefined) {
      if (only.output !== null && scope.isAggregated === true)
        throw new Refused(`${name} within an aggregate behind order by`, `table.${name}`, at)
      return only
    }
    if (sources.some(({ isWhole }) => !isWhole)) return null
  }
  throw new Refused(`the column ${path.join('.')}`, insteadOf(name, scope), at)
}

function matches({ alias, known, outputs }: Source, name: string): readonly Resolved[] {
  return known.flatMap(({ name: own, type }, i) => {
    if (own === '' || !same(own, name)) return []
    const path = alias === null ? [own] : [alias, own]
    return [
      {
        type,
        reference: outputs?.[i] ?? { kind: 'path', path },
        output: outputs === undefined ? null : i + 1,
      },
    ]
  })
}

function insteadOf(name: string, scope: Scope): string {
  if (scope.aliases?.some(alias => same(alias, name)) === true)
    return `the expression itself, or a SELECT around this one: the SELECT that names ${name} does not know it yet`
  const names = namesOf(scope)
  const near = nearestName(name, names)
  if (near !== undefined) return near
  return names.length === 0 ? 'a column of a table behind from' : `one of the columns ${names.join(', ')}`
}

const namesOf = (scope: Scope | null): readonly string[] =>
  scope === null
    ? []
    : [
        ...new Set([
          ...scope.sources.flatMap(({ known }) => known.map(({ name }) => name)),
          ...namesOf(scope.outer),
        ]),
      ].filter(name => name !== '')

/** The columns of `*` or `table.*`, as paths; null if not all of them are known by name. */
export function pathsOf(sources: readonly Source[]): readonly (readonly string[])[] | null {
  const isNamed = sources.every(({ known, isWhole }) => isWhole && known.every(({ name }) => name !== ''))
  return isNamed
    ? sources.flatMap(({ alias, known }) =>
        known.map(({ name }) => (alias === null ? [name] : [alias, name])),
      )
    : null
}
