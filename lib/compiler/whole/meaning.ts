import type { Column, Origin, SourcePlan, ViewPlan } from '../../plan/plan.ts'
import { contentHash } from '../../text/canonical.ts'
import type { ViewDraft } from '../compile-view.ts'
import type { Origins } from './check-columns.ts'

/**
 * Views with resolved origins and semantic hashes. Only for views without diagnostics, whose origins end at sources.
 */
export const withSemanticHashes = (origins: Origins): readonly Omit<ViewPlan, 'deprecated'>[] =>
  [...origins.views.values()].flatMap(({ origin, ...view }) =>
    origin === null ? [] : [{ ...view, origin, meaning: meaningOf({ origin, ...view }, origins) }],
  )

/** The content of the semantic hash: everything that decides the values of a view, and nothing else. */
const meaningOf = (view: ViewDraft, origins: Origins): string =>
  contentHash({
    joinKeys: view.joinKeys,
    features: view.features.map(({ name, type }): Column => ({ name, type })),
    ...(view.aggregates === null ? {} : { aggregates: view.aggregates }),
    origin: view.origin === null ? null : originMeaning(view.origin, origins),
    transformation: view.transformation,
    eventTimestamp: view.eventTimestamp,
    createdTimestamp: view.createdTimestamp,
  })

function originMeaning(origin: Origin, origins: Origins): unknown {
  if (origin.kind === 'source') {
    const source = origins.sources.get(origin.source)
    return source === undefined ? null : streamMeaning(source, origins)
  }
  const view = origins.views.get(origin.view)
  return view === undefined ? null : { view: meaningOf(view, origins) }
}

/** The semantic content of a stream includes that of its history's source, but not the name of that source. */
function streamMeaning(source: SourcePlan, { sources }: Origins): unknown {
  const meaning = sourceSemantics(source)
  if (source.kind !== 'stream' || source.history === null) return meaning
  const past = sources.get(source.history.source)
  return {
    ...meaning,
    history: { ...source.history, source: past === undefined ? null : sourceSemantics(past) },
  }
}

type Meaning<S extends SourcePlan> = S extends SourcePlan
  ? Omit<S, 'name' | 'description' | 'local' | 'toleranceMs' | 'pii'>
  : never
export type SourceSemantics = Meaning<SourcePlan>

/**
 * The semantic content of a source: its location and columns. Its name and the local replacement of a table are left
 * out.
 */
export function sourceSemantics(source: SourcePlan): SourceSemantics {
  const { name: _name, description: _description, pii: _pii, ...rest } = source
  if (rest.kind === 'file') return rest
  if (rest.kind === 'stream') {
    const { toleranceMs: _tolerance, ...stream } = rest
    return stream
  }
  const { local: _local, ...table } = rest
  return table
}
