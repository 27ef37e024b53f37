/** Resolves the source of a view or of a spine. */

import type { EntityPlan, Origin, SourcePlan } from '../plan/plan.ts'
import { compareText } from '../text/by-name.ts'
import { type DiagnosticPath, show, unknownName } from './diagnostics/diagnostic-path.ts'
import { checkDefinition } from './fields/options.ts'
import { isKind, isOwnSource, type Unchecked } from './read-definitions.ts'

/** What views and spines may refer to, by the object in the definition. */
export interface Known {
  readonly entities: ReadonlyMap<unknown, EntityPlan>
  readonly sources: ReadonlyMap<unknown, SourcePlan>
  /** All versions of each view, by view name. */
  readonly versions: ReadonlyMap<string, readonly number[]>
}

/** Null, with a diagnostic, if the source cannot be resolved. */
export function compileOrigin(place: DiagnosticPath, source: unknown, known: Known): Origin | null {
  if (isKind('viewSource', source)) return viewOrigin(place, source, known)
  const plan = isOwnSource(source) ? known.sources.get(source) : undefined
  if (plan !== undefined) return { kind: 'source', source: plan.name }
  place.report('wrong-kind', show(source), {
    allowed: 'a fileSource, a tableSource, a streamSource or a viewSource',
  })
  return null
}

/** Without a version, the newest defined version. */
function viewOrigin(place: DiagnosticPath, source: Unchecked<'viewSource'>, known: Known): Origin | null {
  checkDefinition(place, source, 'viewSource')
  const name = String(source.view)
  const versions = known.versions.get(name) ?? []
  const version = source.version ?? (versions.length === 0 ? undefined : Math.max(...versions))
  if (versions.some(one => one === version)) return { kind: 'view', view: `${name}@${version}` }
  unknownName(place, source.version === undefined ? name : `${name}@${source.version}`, names(known, source))
  return null
}

/** Names of views, or keys if a version was given. */
function names(known: Known, source: Unchecked<'viewSource'>): readonly string[] {
  const all = [...known.versions].sort(([a], [b]) => compareText(a, b))
  if (source.version === undefined) return all.map(([name]) => name)
  return all.flatMap(([name, versions]) => versions.map(version => `${name}@${version}`))
}
