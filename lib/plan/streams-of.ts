/** The streams of a plan, and the views that read their events. */
import type { Plan, SourcePlan, StreamPlan, ViewPlan } from './plan.ts'

const isStream = (source: SourcePlan): source is StreamPlan => source.kind === 'stream'

export const streamsOf = ({ sources }: Pick<Plan, 'sources'>): readonly StreamPlan[] =>
  Object.values(sources).filter(isStream)

/** Names of the existing Kinesis streams, without the store's own stream. */
export const ownStreamsOf = (plan: Pick<Plan, 'sources'>): readonly string[] => [
  ...new Set(streamsOf(plan).flatMap(({ stream }) => (stream === null ? [] : [stream]))),
]

/** The targets of push requests. */
export interface Posts {
  readonly streams: readonly StreamPlan[]
  readonly views: readonly ViewPlan[]
}

/** All streams, and the views to which at least one consumer may push. */
export const postsOf = (plan: Pick<Plan, 'sources' | 'views' | 'consumers'>): Posts => ({
  streams: streamsOf(plan),
  views: [...new Set(Object.values(plan.consumers).flatMap(({ pushes = [] }) => pushes))].flatMap(
    key => plan.views[key] ?? [],
  ),
})

export const takesPosts = (plan: Pick<Plan, 'sources' | 'views' | 'consumers'>): boolean => {
  const { streams, views } = postsOf(plan)
  return streams.length + views.length > 0
}

/** The stream whose events a view reads; null if the view reads rows. */
export function streamOf({ sources }: Pick<Plan, 'sources'>, { origin }: ViewPlan): StreamPlan | null {
  const source = origin.kind === 'source' ? sources[origin.source] : undefined
  return source?.kind === 'stream' ? source : null
}
