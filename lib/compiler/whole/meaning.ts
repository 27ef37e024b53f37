import type { Column, Origin, SourcePlan, ViewPlan } from '../../plan/plan.ts'
import { contentHash } from '../../text/canonical.ts'
import type { ViewDraft } from '../compile-view.ts'
import type { Origins } from './check-columns.ts'

/** Views with their origins resolved and their meanings. Only for views without mistakes, whose ways end at sources. */
export const withSemanticHashes = (origins: Origins): readonly Omit<ViewPlan, 'deprecated'>[] =>
  [...origins.views.values()].flatMap(({ origin, ...view }) =>
    origin === null ? [] : [{ ...view, origin, meaning: meaningOf({ origin, ...view }, origins) }],
  )

/** What decides a view's values, and nothing that does not. */
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

/** A stream means its history's source, not that source's name. */
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

/** A source means its place and columns, not its name; what stands for a table on a laptop is no part of it. */
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
