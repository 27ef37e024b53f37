/**
 * The oracle of changes: the effect of an edit, computed only from the models. It reads no lock, plan or SQL, and
 * holds each table as a list of rows.
 */
import { type FeatureModel, keyOf, partsOf, type StoreModel, type ViewModel } from './edit-model.ts'
import type { HistoryRow } from './naive.ts'

export type NaiveClass = 'none' | 'compatible' | 'breaking' | 'refused'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Checks whether this can stay the same version. Existing features must come first and be unchanged, and everything
 * else that affects values must be unchanged.
 */
function isRefused(was: ViewModel, is: ViewModel): boolean {
  const old = is.features.slice(0, was.features.length)
  const shorter = (is.ttlMs ?? Infinity) < (was.ttlMs ?? Infinity)
  return (
    !same(was.keys, is.keys) ||
    !same(was.source, is.source) ||
    was.filtered !== is.filtered ||
    !same(was.features, old) ||
    shorter
  )
}

/** The service as its callers see it: for each full name the short name, the type and the keys. */
function contract({
  views,
  served,
}: StoreModel): ReadonlyMap<string, readonly [string, FeatureModel['type'], string]> {
  const names = served.map(reference => partsOf(reference)[1])
  return new Map(
    served.map(reference => {
      const [key, feature] = partsOf(reference)
      const view = views.get(key)
      const full = `${view?.name}__${feature}`
      const column = names.filter(name => name === feature).length > 1 ? full : feature
      const type = view?.features.find(([name]) => name === feature)?.[1].type ?? 'int32'
      return [full, [column, type, String(view?.keys)]]
    }),
  )
}

const requestKeys = ({ views, served }: StoreModel): string =>
  [...new Set(served.flatMap(reference => views.get(partsOf(reference)[0])?.keys ?? []))].sort().join()

export const breaksCallers = (was: StoreModel, is: StoreModel): boolean =>
  requestKeys(was) !== requestKeys(is) ||
  [...contract(was)].some(([full, line]) => !same(line, contract(is).get(full)))

export function naiveClass(was: StoreModel, is: StoreModel): NaiveClass {
  for (const [key, view] of was.views) {
    const now = is.views.get(key)
    if (now === undefined ? !is.retired.has(key) : isRefused(view, now)) return 'refused'
  }
  if (breaksCallers(was, is)) return 'breaking'
  const says = (model: StoreModel) => [[...model.views.values()], model.served, [...model.retired]]
  return same(says(was), says(is)) ? 'none' : 'compatible'
}

/** A row of a source file. */
export interface SourceRow {
  readonly k: string
  readonly j: number
  /** Microseconds. */
  readonly at: bigint
  readonly a: number
  readonly b: number
}

/** The rows of each table, in order of arrival. */
export type Tables = ReadonlyMap<string, readonly HistoryRow[]>

const valueIn = (row: SourceRow, { column, type }: FeatureModel) =>
  type === 'int64' ? BigInt(row[column]) : row[column]

/** The current result of a view's SELECT. */
function selected(
  view: ViewModel,
  files: readonly (readonly SourceRow[])[],
  tables: Tables,
  now: bigint,
): readonly HistoryRow[] {
  if (typeof view.source === 'string')
    return (tables.get(view.source) ?? []).map(row => ({
      ...row,
      keys: Object.fromEntries(view.keys.map(key => [key, row.keys[key] ?? null])),
      features: Object.fromEntries(view.features.map(([name]) => [name, row.features[name] ?? null])),
    }))
  return (files[view.source] ?? [])
    .filter(({ a }) => !view.filtered || a >= 0)
    .map(row => ({
      keys: Object.fromEntries(view.keys.map(key => [key, row[key]])),
      event: row.at,
      created: now,
      hash: '',
      features: Object.fromEntries(view.features.map(([name, of]) => [name, valueIn(row, of)])),
    }))
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

/** The rows to append to a view's table: those that differ from its newest row with the same key and timestamp. */
export function naiveIngest(
  view: ViewModel,
  files: readonly (readonly SourceRow[])[],
  tables: Tables,
  now: bigint,
): readonly HistoryRow[] {
  const word = (row: HistoryRow): string =>
    text([row.keys, row.event, typeof view.source === 'string' ? row.created : null])
  const known = new Map((tables.get(keyOf(view)) ?? []).map(row => [word(row), text(row.features)]))
  return selected(view, files, tables, now).filter(row => known.get(word(row)) !== text(row.features))
}
