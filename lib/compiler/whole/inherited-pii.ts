/**
 * Propagates the mark `pii` with the values: from source columns through SELECTs, histories of other views and
 * aggregations to every feature and join key that may hold such a value. If a SELECT cannot be analyzed, all of its
 * outputs are marked.
 */
import { columnsOf } from '../../expression/columns-of.ts'
import type { FeaturePlan, SourcePlan, WindowPlan } from '../../plan/plan.ts'
import type { ViewDraft } from '../compile-view.ts'
import { selectLineage } from './select-lineage.ts'

type Columns = ReadonlySet<string>

interface Marks {
  readonly sources: ReadonlyMap<string, Columns>
  readonly views: ReadonlyMap<string, ViewDraft>
}

export interface Marked<S, V> {
  readonly sources: ReadonlyMap<S, SourcePlan>
  readonly views: ReadonlyMap<V, ViewDraft>
}

/** Sources and views with all of their marks, under the same keys. */
export function inheritPii<S, V>({ sources, views }: Marked<S, V>): Marked<S, V> {
  const drafts = new Map([...views.values()].map(view => [view.key, view]))
  const marks = { sources: sourceMarks([...drafts.values()], [...sources.values()]), views: drafts }
  return {
    sources: mapped(sources, source => ({
      ...source,
      pii: [...(marks.sources.get(source.name) ?? [])].sort(),
    })),
    views: mapped(views, view => marked(view, marks)),
  }
}

const mapped = <K, T>(map: ReadonlyMap<K, T>, change: (value: T) => T): ReadonlyMap<K, T> =>
  new Map([...map].map(([key, value]) => [key, change(value)]))

const lower = (name: string): string => name.toLowerCase()

/**
 * The marks of a source: its own, and those that views over it set on its columns. A stream and its history share
 * marks.
 */
function sourceMarks(
  views: readonly ViewDraft[],
  sources: readonly SourcePlan[],
): ReadonlyMap<string, Columns> {
  const marks = new Map(sources.map(({ name, pii }) => [name, new Set(pii.map(lower))]))
  for (const view of views)
    if (view.origin?.kind === 'source')
      for (const column of markedColumns(view)) marks.get(view.origin.source)?.add(lower(column))
  for (const source of sources) if (source.kind === 'stream') shareMarks(source, marks)
  return marks
}

/** The columns of its source that a view marks. */
const markedColumns = (view: ViewDraft): readonly string[] => {
  const { columnOf } = selectLineage(view.transformation ?? '', [])
  return view.features
    .filter(({ pii }) => pii)
    .flatMap(({ name }) => [name, ...(view.transformation === null ? [] : [columnOf(name) ?? name])])
}

function shareMarks(
  stream: Extract<SourcePlan, { kind: 'stream' }>,
  marks: ReadonlyMap<string, Set<string>>,
): void {
  const own = marks.get(stream.name)
  const past = stream.history === null ? undefined : marks.get(stream.history.source)
  if (stream.history === null || own === undefined || past === undefined) return
  const { query } = stream.history
  const { carries, columnOf } = selectLineage(query ?? 'select * from source', [...past])
  for (const { name } of stream.columns) if (carries(name)) own.add(lower(name))
  for (const name of own) past.add(query === null ? name : (columnOf(name) ?? name))
}

/** @param seen views on the path so far; another check reports cycles */
function marked(view: ViewDraft, marks: Marks, seen: ReadonlySet<string> = new Set()): ViewDraft {
  const read = originMarks(view, marks, new Set([...seen, view.key]))
  const { carries } = selectLineage(view.transformation ?? 'select * from source', [...read])
  const keysFrom = view.aggregates?.keysFrom ?? view.joinKeys.map(({ name }) => name)
  return {
    ...view,
    features: view.features.map(feature => inherit(feature, mayCarry(view, feature.name, carries))),
    piiKeys: view.joinKeys
      .map(({ name }) => name)
      .filter((name, i) => view.piiKeys.includes(name) || carries(keysFrom[i] ?? name)),
  }
}

function originMarks({ origin }: ViewDraft, marks: Marks, seen: ReadonlySet<string>): Columns {
  if (origin === null) return new Set()
  if (origin.kind === 'source') return marks.sources.get(origin.source) ?? new Set()
  const other = marks.views.get(origin.view)
  if (other === undefined || seen.has(other.key)) return new Set()
  const { features, piiKeys } = marked(other, marks, seen)
  return new Set([...features.filter(({ pii }) => pii).map(({ name }) => name), ...piiKeys].map(lower))
}

const inherit = (feature: FeaturePlan, isCarried: boolean): FeaturePlan =>
  isCarried && !feature.pii && feature.cleared === null ? { ...feature, pii: true, mask: 'null' } : feature

type Carries = (column: string) => boolean

function mayCarry({ aggregates }: ViewDraft, feature: string, carries: Carries): boolean {
  if (aggregates === null) return carries(feature)
  const window = aggregates.windows.find(({ name }) => name === feature)
  return window !== undefined && windowCarries(window, carries)
}

/** The number of events reveals no value of a column. A filter on a column does. */
const windowCarries = ({ aggregation, column, where }: WindowPlan, carries: Carries): boolean =>
  columnsOf(where).some(carries) ||
  (column !== null && aggregation !== 'count' && aggregation !== 'approxDistinct' && carries(column))
