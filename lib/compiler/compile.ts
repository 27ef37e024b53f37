/**
 * The compiler: definitions → one plan, or every mistake at once. Pure and synchronous; imports lib/definition only.
 * Tested by test/compiler.
 *
 * It compiles definitions in the order entities, sources, views, derived features, services, consumers. Each may refer
 * to those before it. A diagnostic does not stop the compiler: it reports the problem and goes on.
 */

import type { ConsumerPlan, Deprecation, EntityPlan, Plan, ServicePlan } from '../plan/plan.ts'
import { compareText, recordByName } from '../text/by-name.ts'
import { contentHash } from '../text/canonical.ts'
import { compileConsumer } from './compile-consumer.ts'
import { compileEntity } from './compile-entity.ts'
import type { Known } from './compile-origin.ts'
import { compileService } from './compile-service.ts'
import { compileSource } from './compile-source.ts'
import { compileView, isVersion, keyOf } from './compile-view.ts'
import { compileDerivation } from './derived/compile-derivation.ts'
import { type DiagnosticPath, pathIn, show } from './diagnostics/diagnostic-path.ts'
import { CompileError, type Diagnostic } from './diagnostics/diagnostics.ts'
import { exportedValues, isUnfinished, unmadeBy } from './exported-values.ts'
import { type Definitions, readDefinitions } from './read-definitions.ts'
import { checkColumns, type Origins } from './whole/check-columns.ts'
import { checkCycles } from './whole/check-cycles.ts'
import { checkPrincipals } from './whole/check-principals.ts'
import { checkRelations } from './whole/check-relations.ts'
import { inheritPii } from './whole/inherited-pii.ts'
import { withSemanticHashes } from './whole/meaning.ts'

/**
 * Compiles the exports of definition modules, in any order, also within lists and objects. Values that are clearly not
 * definitions are ignored. Definitions that others refer to are compiled even if they are not exported.
 *
 * @example
 * import { compile } from './lib/compiler/compile.ts'
 * import * as flights from './definitions/flights.ts'
 * const plan = compile(Object.values(flights))
 * @param lifecycle states of versions from the lock (`lifecycleOf`)
 * @throws {CompileError} with all diagnostics
 */
export function compile(definitions: readonly unknown[], lifecycle: Lifecycle = NO_LIFECYCLE): Plan {
  const mistakes: Diagnostic[] = []
  const at: PlaceAt = path => pathIn(mistakes, path)
  const exported = exportedValues(definitions)
  checkMade(exported, at)
  const drafts = readAll(readDefinitions(exported), at)
  for (const view of drafts.views.values())
    if (lifecycle.retired.has(view.key)) at(pathOf(view)).report('retired-version', view.key)
  if (mistakes.length > 0) throw new CompileError(mistakes)
  const plan = planOf(drafts, lifecycle)
  return { ...plan, hash: contentHash(plan) }
}

/**
 * Reports values that look like definitions but were not created by their function. Ignoring them would hide the error.
 */
function checkMade(exported: readonly unknown[], at: PlaceAt): void {
  for (const value of exported) {
    const maker = unmadeBy(value)
    if (maker !== null)
      at('an export').report('not-made', show(value), {
        remedy: `make it by ${maker}({ … }), or do not export it`,
      })
    else if (isUnfinished(value))
      at('an export').report('not-made', 'a promise or an iterator', {
        remedy: 'await it, or spread it into a list, and export what it gives',
      })
  }
}

/** The later states of versions, by key. */
export interface Lifecycle {
  readonly deprecated: ReadonlyMap<string, Deprecation>
  /** Retired versions. Their names and versions must never be used again. */
  readonly retired: ReadonlySet<string>
}

const NO_LIFECYCLE: Lifecycle = { deprecated: new Map(), retired: new Set() }

/** The plan without the semantic hashes of views, which need definitions without diagnostics. */
interface Drafts extends Origins {
  readonly entities: readonly EntityPlan[]
  readonly services: readonly ServicePlan[]
  readonly consumers: readonly ConsumerPlan[]
}

type PlaceAt = (path: string) => DiagnosticPath

function readAll(defined: Definitions, at: PlaceAt): Drafts {
  const entities = readEach(defined.entities, one => `entity ${nameOf(one)}`, at, compileEntity)
  const declared = readEach(defined.sources, one => `source ${nameOf(one)}`, at, compileSource)
  const versions = versionsOf(defined)
  const { sources, views } = inheritPii({
    sources: declared,
    views: readEach(defined.views, pathOf, at, (place, view) =>
      compileView(place, view, { entities, sources: declared, versions }),
    ),
  })
  const known: Known = { entities, sources, versions }
  const origins: Origins = {
    sources: new Map([...sources.values()].map(source => [source.name, source])),
    views: new Map([...views.values()].map(view => [view.key, view])),
  }
  checkCycles(origins.views, view => at(pathOf(view)))
  checkRelations(origins.views, view => at(pathOf(view)))
  for (const view of origins.views.values()) checkColumns(at(pathOf(view)), view, origins)
  const derivations = readEach(
    defined.derivations,
    one => `derive ${nameOf(one)}`,
    at,
    (place, derivation) => compileDerivation(place, derivation, views),
  )
  const services = readEach(
    defined.services,
    one => `service ${nameOf(one)}`,
    at,
    (place, service) => compileService(place, service, { ...known, views, derivations }),
  )
  const consumers = readEach(defined.consumers, consumerPath, at, (place, consumer) =>
    compileConsumer(place, consumer, { sources, views, services }),
  )
  checkPrincipals([...consumers.values()], consumer => at(consumerPath(consumer)))
  return {
    ...origins,
    entities: [...entities.values()],
    services: [...services.values()],
    consumers: [...consumers.values()],
  }
}

interface Named {
  readonly name: unknown
}

const nameOf = ({ name }: Named): string => (typeof name === 'string' ? name : show(name))
const consumerPath = (consumer: Named): string => `consumer ${nameOf(consumer)}`
const pathOf = (view: Named & { readonly version: unknown }): string => `view ${keyOf(view)}`

/** Compiles all definitions of a kind. Two definitions with the same path have the same name. */
function readEach<D extends Named, P>(
  definitions: readonly D[],
  path: (definition: D) => string,
  at: PlaceAt,
  read: (place: DiagnosticPath, definition: D) => P,
): ReadonlyMap<unknown, P> {
  const paths = new Set<string>()
  return new Map(
    definitions.map(definition => {
      const place = at(path(definition))
      if (paths.has(path(definition))) place.report('duplicate-name', show(definition.name))
      paths.add(path(definition))
      return [definition, read(place, definition)]
    }),
  )
}

function versionsOf({ views }: Definitions): ReadonlyMap<string, readonly number[]> {
  const groups = Map.groupBy(views, nameOf)
  const versions = (all: readonly { readonly version: unknown }[]) =>
    all.map(view => view.version).filter(isVersion)
  return new Map([...groups].map(([name, all]) => [name, versions(all)]))
}

function planOf(drafts: Drafts, { deprecated }: Lifecycle): Omit<Plan, 'hash'> {
  const views = [...withSemanticHashes(drafts)].sort((a, b) => compareText(a.key, b.key))
  return {
    format: 1,
    entities: recordByName(drafts.entities),
    sources: recordByName([...drafts.sources.values()]),
    views: Object.fromEntries(
      views.map(view => [view.key, { ...view, deprecated: deprecated.get(view.key) ?? null }]),
    ),
    services: recordByName(drafts.services),
    consumers: recordByName(drafts.consumers),
  }
}
