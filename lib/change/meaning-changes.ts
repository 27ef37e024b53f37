/** Changes of everything that decides the values of a view, except those of its features. */
import { entryOf, namesOf } from '../text/by-name.ts'
import { canonical } from '../text/canonical.ts'
import { lineDiff } from '../text/line-diff.ts'
import { isAppendOnlyProjection, sqlTokens } from './append-only-projection.ts'
import type { Found } from './change.ts'
import type { LockedView } from './lock.ts'

/** The line of a feature in the lock: its type, followed by its mask. */
export const typeOf = (line: string): string => line.split(' ')[0] ?? ''
export const maskOf = (line: string): string => line.slice(typeOf(line).length).trim()

/** A value as messages show it. Equal values have equal text. */
export const said = (value: unknown): string => (typeof value === 'string' ? value : canonical(value))

export function semanticChanges(before: LockedView, after: LockedView): readonly Found[] {
  const found: Found[] = []
  if (said(before.joinKeys) !== said(after.joinKeys))
    found.push({ code: 'keys-changed', was: said(before.joinKeys), is: said(after.joinKeys) })
  if (said(before.source) !== said(after.source))
    found.push({
      code: isWidened(before, after) ? 'source-widened' : 'source-changed',
      at: 'source',
      diff: lineDiff(pretty(before.source), pretty(after.source)),
    })
  if (said(before.transformation) !== said(after.transformation))
    found.push({
      code: hasGrown(before, after) ? 'transformation-grown' : 'transformation-changed',
      at: 'transformation',
      diff: lineDiff(before.transformation ?? [], after.transformation ?? []),
    })
  if (said(before.aggregates) !== said(after.aggregates))
    found.push({
      code: 'aggregates-changed',
      at: 'aggregations',
      diff: lineDiff(pretty(before.aggregates), pretty(after.aggregates)),
    })
  for (const name of ['eventTimestamp', 'createdTimestamp'] as const)
    if (before[name] !== after[name])
      found.push({ code: 'times-changed', at: name, was: said(before[name]), is: said(after[name]) })
  const isOwn = found.length > 0 || typesDiffer(before, after)
  return isOwn || before.meaning === after.meaning ? found : [{ code: 'upstream-changed' }]
}

/** Masks are not part of the semantic hash. */
const typesDiffer = (before: LockedView, after: LockedView): boolean =>
  namesOf(before.features, after.features).some(
    name => typeOf(entryOf(before.features, name) ?? '') !== typeOf(entryOf(after.features, name) ?? ''),
  )

const addedNames = (before: LockedView, after: LockedView): readonly string[] =>
  Object.keys(after.features).filter(name => !Object.hasOwn(before.features, name))

const hasGrown = (before: LockedView, after: LockedView): boolean =>
  before.transformation !== null &&
  after.transformation !== null &&
  isAppendOnlyProjection(
    before.transformation.join('\n'),
    after.transformation.join('\n'),
    addedNames(before, after),
  )

/** Whether the source only declares more columns, none of which the view read before. */
function isWidened(before: LockedView, after: LockedView): boolean {
  if (!('columns' in before.source && 'columns' in after.source)) return false
  const { columns: old, ...rest } = before.source
  const { columns: now, ...others } = after.source
  const newcomers = Object.keys(now).filter(name => !Object.hasOwn(old, name))
  const isRest = said(rest) === said(others) && namesOf(old, {}).every(name => old[name] === now[name])
  return isRest && newcomers.every(name => !reads(before, name))
}

const reads = (view: LockedView, column: string): boolean =>
  readsColumn(
    {
      names: [...Object.keys(view.joinKeys), ...Object.keys(view.features)],
      times: [view.eventTimestamp, view.createdTimestamp],
      transformation: view.transformation?.join('\n') ?? null,
    },
    column,
  )

/** The parts of a view that name columns. */
export interface Reading {
  /** Names of join keys and features. */
  readonly names: readonly string[]
  readonly times: readonly (string | null)[]
  readonly transformation: string | null
}

/**
 * Compares all words of the SQL with the name. A word with another meaning can only cause a false positive, which is
 * safe.
 */
export function readsColumn({ names, times, transformation }: Reading, column: string): boolean {
  const words = transformation === null ? [] : sqlTokens(transformation)
  const same = (word: string | null): boolean =>
    word?.replace(/^"(.*)"$/, '$1').toLowerCase() === column.toLowerCase()
  return [...names, ...times, ...words].some(same)
}

const pretty = (value: unknown): readonly string[] =>
  JSON.stringify(JSON.parse(canonical(value)), null, 2).split('\n')
