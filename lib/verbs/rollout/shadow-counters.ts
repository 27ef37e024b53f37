/**
 * What shadows have said, added up by service and feature, and written where `rollout status` finds it: each server
 * writes a file of its own under the rollout's beginning. Examples hold values: they stay in the store, out of logs.
 */
import type { Rollout } from '../../online/rollout/rollout.ts'
import type { Comparison, Difference } from '../../online/rollout/shadow.ts'
import type { ObjectStore } from '../../runtime.ts'
import type { ShadowOutcome } from './rolled-out-features.ts'

export interface FeatureCounters {
  readonly compared: number
  readonly different: number
  /** The first ones. */
  readonly examples: readonly Difference[]
}

export interface ShadowCounters {
  readonly requests: number
  /** Requests whose shadow could not be read. */
  readonly failed: number
  /** Requests whose shadow was left out, since too many were under way. */
  readonly skipped: number
  /** By the feature's column in the answer. */
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

const talliesOf = (comparison: Comparison): Readonly<Record<string, FeatureCounters>> =>
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
  if ('comparison' in outcome) return { ...NOTHING, requests: 1, features: talliesOf(outcome.comparison) }
  return { ...NOTHING, requests: 1, [outcome.failure]: 1 }
}

const folderOf = (objects: ObjectStore, service: string, started: string): string =>
  objects.path('shadows', service, started.replaceAll(':', '-'))

export interface ShadowCountersProps {
  readonly objects: ObjectStore
  /** The server's own name. */
  readonly server: string
  /** Between two writes, in milliseconds. @default 5,000 */
  readonly everyMs?: number
}

/** Adds outcomes up. A write that fails is made up for by the next. */
export function shadowCounters({ objects, server, everyMs = 5_000 }: ShadowCountersProps) {
  const tallies = new Map<string, { tally: ShadowCounters; due: boolean }>()
  const later = (folder: string): void => void setTimeout(() => void write(folder), everyMs).unref()
  /** One after the other, however long one takes. */
  const write = async (folder: string): Promise<void> => {
    const entry = tallies.get(folder)
    if (entry === undefined) return
    const { tally } = entry
    await objects.writeText(`${folder}/${server}.json`, JSON.stringify(tally)).catch(() => undefined)
    entry.due = entry.tally !== tally
    if (entry.due) later(folder)
  }
  return ({ service, started }: Pick<Rollout, 'service' | 'started'>, outcome: ShadowOutcome): void => {
    const folder = folderOf(objects, service, started)
    const entry = tallies.get(folder) ?? { tally: NOTHING, due: false }
    entry.tally = added(entry.tally, countersOf(outcome))
    tallies.set(folder, entry)
    if (entry.due) return
    entry.due = true
    later(folder)
  }
}

/** What all servers have heard of a rollout's shadow. */
export async function readShadow(
  objects: ObjectStore,
  { service, started }: Pick<Rollout, 'service' | 'started'>,
): Promise<ShadowCounters> {
  const folder = folderOf(objects, service, started)
  const names = await objects.list(folder)
  const texts = await Promise.all(names.map(name => objects.readText(`${folder}/${name}`)))
  // Written by the ledger above.
  return texts
    .flatMap(text => (text === null ? [] : [JSON.parse(text) as ShadowCounters]))
    .reduce(added, NOTHING)
}
