/** The streams of a plan, and the views that take their events. */
import type { Plan, SourcePlan, StreamPlan, ViewPlan } from './plan.ts'

const isStream = (source: SourcePlan): source is StreamPlan => source.kind === 'stream'

export const streamsOf = ({ sources }: Pick<Plan, 'sources'>): readonly StreamPlan[] =>
  Object.values(sources).filter(isStream)

/** Names of the Kinesis streams beside the store's own. */
export const ownStreamsOf = (plan: Pick<Plan, 'sources'>): readonly string[] => [
  ...new Set(streamsOf(plan).flatMap(({ stream }) => (stream === null ? [] : [stream]))),
]

/** The stream whose events a view takes; null: it takes rows. */
export function streamOf({ sources }: Pick<Plan, 'sources'>, { origin }: ViewPlan): StreamPlan | null {
  const source = origin.kind === 'source' ? sources[origin.source] : undefined
  return source?.kind === 'stream' ? source : null
}
