/**
 * The definition that stored rows were computed with: the content of the view's semantic hash at that time. If it
 * equals the present definition, the rows are current. If features were only added, the rows must be computed again. If
 * it differs otherwise, no row may be read or written with the new definition.
 */

import { sourceSemantics } from '../compiler/whole/meaning.ts'
import {
  type AggregatesPlan,
  type Column,
  type Plan,
  type SourcePlan,
  type ViewPlan,
  viewOf,
} from '../plan/plan.ts'
import { canonical } from '../text/canonical.ts'
import { isAppendOnlyProjection } from './append-only-projection.ts'
import { readsColumn } from './meaning-changes.ts'

interface DefinedSource {
  readonly kind?: string
  readonly name?: string
  readonly columns?: readonly Column[]
  readonly history?: object | null
}

/** Everything that decides the values of a view. */
export interface StoredDefinition {
  readonly joinKeys: readonly Column[]
  readonly features: readonly Column[]
  readonly aggregates: AggregatesPlan | null
  /** The location and columns of a source, or the key and definition of the view below. */
  readonly origin:
    | { readonly source: DefinedSource }
    | { readonly view: string; readonly definition: StoredDefinition }
  readonly transformation: string | null
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
}

const column = ({ name, type }: Column): Column => ({ name, type })

/** @param isLocal locally, the replacement of a table decides the rows too */
export function storedDefinition(plan: Plan, view: ViewPlan, isLocal: boolean): StoredDefinition {
  const { joinKeys, features, aggregates, origin, transformation, eventTimestamp, createdTimestamp } = view
  return {
    joinKeys: joinKeys.map(column),
    features: features.map(column),
    aggregates,
    origin:
      origin.kind === 'view'
        ? { view: origin.view, definition: storedDefinition(plan, viewOf(plan, origin.view), isLocal) }
        : { source: definedSource(plan, origin.source, isLocal) },
    transformation,
    eventTimestamp,
    createdTimestamp,
  }
}

function definedSource(plan: Pick<Plan, 'sources'>, name: string, isLocal: boolean): DefinedSource {
  const source = plan.sources[name]
  if (source === undefined) throw new Error(`the plan has no source '${name}'`)
  const meaning = { ...sourceSemantics(source), ...localPlace(source, isLocal) }
  if (source.kind !== 'stream') return meaning
  // Pushed events are stored under the name of the stream.
  const { history } = source
  const past = history && { ...history, source: definedSource(plan, history.source, isLocal) }
  return { ...meaning, name, history: past }
}

const localPlace = (source: SourcePlan, isLocal: boolean): object =>
  isLocal && source.kind === 'table' ? { local: source.local } : {}

/** Canonical text: equal definitions give equal text. A null setting equals a missing one. */
export const definitionText = (definition: StoredDefinition): string =>
  canonical(JSON.parse(JSON.stringify(definition, (_key, value: unknown) => value ?? undefined)))

/** Parses a text from the store. */
const parseDefinition = (text: string): StoredDefinition => completed(JSON.parse(text))

function completed(stored: Partial<StoredDefinition> & Pick<StoredDefinition, 'origin'>): StoredDefinition {
  const { origin } = stored
  return {
    joinKeys: stored.joinKeys ?? [],
    features: stored.features ?? [],
    aggregates: stored.aggregates ?? null,
    origin: 'view' in origin ? { ...origin, definition: completed(origin.definition) } : origin,
    transformation: stored.transformation ?? null,
    eventTimestamp: stored.eventTimestamp ?? '',
    createdTimestamp: stored.createdTimestamp ?? null,
  }
}

/** The result of comparing the present definition with that of stored rows. */
export type DefinitionComparison =
  | { readonly is: 'equal' }
  /** Features were only added: all other columns are right, and the rows must be computed again. */
  | { readonly is: 'extended'; readonly what: readonly string[] }
  /** The differences, as text. */
  | { readonly is: 'different'; readonly what: readonly string[] }

/** Compares the texts of two definitions. */
export const compareDefinitions = (before: string, after: string): DefinitionComparison =>
  before === after ? { is: 'equal' } : compared(parseDefinition(before), parseDefinition(after))

function compared(before: StoredDefinition, after: StoredDefinition): DefinitionComparison {
  const different = differences(before, after)
  if (different.length > 0) return { is: 'different', what: different }
  const what = addedFeatures(before, after).map(name => `feature ${name} is new`)
  return { is: 'extended', what: what.length > 0 ? what : ['its source declares other columns'] }
}

const addedFeatures = (before: StoredDefinition, after: StoredDefinition): readonly string[] =>
  after.features.map(({ name }) => name).filter(name => before.features.every(one => one.name !== name))

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

function differences(before: StoredDefinition, after: StoredDefinition): readonly string[] {
  const parts: readonly (readonly [string, boolean])[] = [
    ['its join keys are others', same(before.joinKeys, after.joinKeys)],
    ['it aggregates events otherwise', same(before.aggregates, after.aggregates)],
    ['its eventTimestamp is another', before.eventTimestamp === after.eventTimestamp],
    ['its createdTimestamp is another', before.createdTimestamp === after.createdTimestamp],
    ['its SELECT is another', isSameSelect(before, after)],
    ['its source is another', isSameOrigin(before, after)],
  ]
  return [...featureDifferences(before, after), ...parts.flatMap(([what, holds]) => (holds ? [] : [what]))]
}

function featureDifferences(before: StoredDefinition, after: StoredDefinition): readonly string[] {
  const changed = before.features.flatMap(({ name, type }) => {
    const now = after.features.find(one => one.name === name)
    if (now === undefined) return [`feature ${name} is gone`]
    return now.type === type ? [] : [`feature ${name} is ${now.type}, and was ${type}`]
  })
  const added = addedFeatures(before, after).map(name => `feature ${name} is new`)
  // The store keeps one row per event and does not ingest a known event again, so a new column would stay empty.
  const isFixed = changed.length > 0 || after.aggregates !== null || isStream(after)
  return isFixed ? [...changed, ...added] : []
}

const isStream = ({ origin }: StoredDefinition): boolean =>
  'source' in origin && 'kind' in origin.source && origin.source.kind === 'stream'

function isSameSelect(before: StoredDefinition, after: StoredDefinition): boolean {
  if (before.transformation === after.transformation) return true
  if (before.transformation === null || after.transformation === null) return false
  return isAppendOnlyProjection(before.transformation, after.transformation, addedFeatures(before, after))
}

function isSameOrigin(before: StoredDefinition, after: StoredDefinition): boolean {
  const [was, is] = [before.origin, after.origin]
  if ('view' in was && 'view' in is)
    return was.view === is.view && compared(was.definition, is.definition).is !== 'different'
  if (!('source' in was && 'source' in is)) return false
  return same(was.source, is.source) || declaresAlike(before, was.source, is.source)
}

/** Whether the declared columns differ, but no added, removed or changed column is one that the view read. */
function declaresAlike(view: StoredDefinition, before: DefinedSource, after: DefinedSource): boolean {
  const { columns: old = [], ...rest } = before
  const { columns: now = [], ...others } = after
  if (!same(rest, others)) return false
  const reading = {
    names: [...view.joinKeys, ...view.features].map(({ name }) => name),
    times: [view.eventTimestamp, view.createdTimestamp],
    transformation: view.transformation,
  }
  // A SELECT with `*` may read all columns without naming them.
  const takesAll = view.transformation?.includes('*') ?? false
  const isUnread = ({ name }: Column): boolean => !takesAll && !readsColumn(reading, name)
  const isKept = old.every(one => now.some(other => same(one, other)) || isUnread(one))
  const added = now.filter(one => old.every(({ name }) => name !== one.name))
  return isKept && added.every(({ name }) => !readsColumn(reading, name))
}
