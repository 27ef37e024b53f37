import type { Plan, SourcePlan, StreamPlan } from '../compiler/plan.ts'

const isStream = (source: SourcePlan): source is StreamPlan => source.kind === 'stream'

export const streamsOf = ({ sources }: Plan): readonly StreamPlan[] => Object.values(sources).filter(isStream)

/** Names of the Kinesis streams beside the store's own. */
export const ownStreamsOf = (plan: Plan): readonly string[] => [
  ...new Set(streamsOf(plan).flatMap(({ stream }) => (stream === null ? [] : [stream]))),
]

/** Are there views whose events go into tiles? */
export const hasTiles = ({ views }: Plan): boolean =>
  Object.values(views).some(({ online, aggregates }) => online && aggregates !== null)

/** Tiles are read before they are written. */
export const TILE_READS = ['BatchGetItem', 'GetItem'] as const
