/**
 * Counts shadow comparisons by service and feature, and writes the counters for `rollout status`. Each server writes its
 * own file, in a folder named after the rollout's start. Examples hold feature values, so they must not go to logs.
 */
import type { Rollout } from '../../online/rollout/rollout.ts'
import type { Comparison, Difference } from '../../online/rollout/shadow.ts'
import type { ObjectStore } from '../../runtime.ts'
import type { ShadowOutcome } from './rolled-out-features.ts'

export interface FeatureCounters {
  readonly compared: number
  readonly different: number
  /** The first differences. */
  readonly examples: readonly Difference[]
}

export interface ShadowCounters {
  readonly requests: number
  /** Requests whose shadow could not be read. */
  readonly failed: number
  /** Requests whose shadow was skipped, because too many shadow reads were running. */
  readonly skipped: number
  /** By the feature's column in the response. */
  readonly features: Readonly<Record<string, FeatureCounters>>
}

const EXAMPLES = 5
export const NOTHING: ShadowCounters = { requests: 0, failed: 0, skipped: 0, features: {} }

const addedFeatures = (
  features: ShadowCounters['features'],
  more: Readonly<Record<string, FeatureCounters>>,
): ShadowCounters['features'] => ({
  ...features,
  ...Object.fromEntries(
    Object.entries(more).map(([name, { compared, different, examples }]) => {
      const before = features[name]
      return [
        name,
        {
          compared: (before?.compared ?? 0) + compared,
          different: (before?.different ?? 0) + different,
          examples: [...(before?.examples ?? []), ...examples].slice(0, EXAMPLES),
        },
      ]
    }),
  ),
})

const featureCounters = (comparison: Comparison): Readonly<Record<string, FeatureCounters>> =>
  Object.fromEntries(
    Object.entries(comparison).map(([name, { compared, different, example }]) => [
      name,
      { compared, different, examples: example === null ? [] : [example] },
    ]),
  )

export const added = (a: ShadowCounters, b: ShadowCounters): ShadowCounters => ({
  requests: a.requests + b.requests,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  features: addedFeatures(a.features, b.features),
})

export function countersOf(outcome: ShadowOutcome): ShadowCounters {
  if ('comparison' in outcome)
    return { ...NOTHING, requests: 1, features: featureCounters(outcome.comparison) }
  return { ...NOTHING, requests: 1, [outcome.failure]: 1 }
}

const folderOf = (objects: ObjectStore, service: string, started: string): string =>
  objects.path('shadows', service, started.replaceAll(':', '-'))

export interface ShadowCountersProps {
  readonly objects: ObjectStore
  /** The unique name of the server. */
  readonly server: string
  /** The interval between two writes, in milliseconds. @default 5,000 */
  readonly everyMs?: number
}

/** Adds up outcomes. After a failed write, the next write includes its counts. */
export function shadowCounters({ objects, server, everyMs = 5_000 }: ShadowCountersProps) {
  const entries = new Map<string, { counters: ShadowCounters; due: boolean }>()
  const later = (folder: string): void => void setTimeout(() => void write(folder), everyMs).unref()
  /** Writes of one folder never overlap, however long one takes. */
  const write = async (folder: string): Promise<void> => {
    const entry = entries.get(folder)
    if (entry === undefined) return
    const { counters } = entry
    await objects.writeText(`${folder}/${server}.json`, JSON.stringify(counters)).catch(() => undefined)
    entry.due = entry.counters !== counters
    if (entry.due) later(folder)
  }
  return ({ service, started }: Pick<Rollout, 'service' | 'started'>, outcome: ShadowOutcome): void => {
    const folder = folderOf(objects, service, started)
    const entry = entries.get(folder) ?? { counters: NOTHING, due: false }
    entry.counters = added(entry.counters, countersOf(outcome))
    entries.set(folder, entry)
    if (entry.due) return
    entry.due = true
    later(folder)
  }
}

/** Reads and adds up the counters of all servers for a rollout's shadow. */
export async function readShadow(
  objects: ObjectStore,
  { service, started }: Pick<Rollout, 'service' | 'started'>,
): Promise<ShadowCounters> {
  const folder = folderOf(objects, service, started)
  const names = await objects.list(folder)
  const texts = await Promise.all(names.map(name => objects.readText(`${folder}/${name}`)))
  // The cast is safe: shadowCounters wrote these files.
  return texts
    .flatMap(text => (text === null ? [] : [JSON.parse(text) as ShadowCounters]))
    .reduce(added, NOTHING)
}
