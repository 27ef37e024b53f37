/** A plan's views, services and consumers as the lock writes them. */
import { canonical, contentHash } from './canonical.ts'
import { durationText } from './duration-text.ts'
import type { LockedConsumer, LockedService, LockedView } from './lock-form.ts'
import { sourceMeaning } from './meaning.ts'
import type {
  ApproverPlan,
  Column,
  ConsumerPlan,
  FeaturePlan,
  GrantedFeature,
  Plan,
  ServiceFeature,
  ServicePlan,
  UsePlan,
  ViewPlan,
  WindowPlan,
} from './plan.ts'

const typesOf = (columns: readonly Column[]): Readonly<Record<string, string>> =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

const keysOf = (approvers: readonly ApproverPlan[]): Readonly<Record<string, string | null>> =>
  Object.fromEntries(approvers.map(({ name, publicKey }) => [name, publicKey]))

const linesOf = (sql: string): readonly string[] => sql.split('\n')

const featureText = ({ type, pii, mask }: FeaturePlan): string => (pii ? `${type} masked ${mask}` : type)

function sourceOf(plan: Plan, { origin }: ViewPlan): LockedView['source'] {
  if (origin.kind === 'view') return { view: origin.view }
  const source = plan.sources[origin.source]
  if (source === undefined) throw new Error(`the plan has no source '${origin.source}'`)
  const { columns, ...rest } = sourceMeaning(source)
  if (rest.kind !== 'stream') return { ...rest, columns: typesOf(columns) }
  const { history } = rest
  const past =
    history === null ? null : { ...history, query: history.query === null ? null : linesOf(history.query) }
  return { ...rest, history: past, columns: typesOf(columns) }
}

function aggregatesOf({ aggregates, joinKeys }: ViewPlan): LockedView['aggregates'] {
  if (aggregates === null) return null
  const { keysFrom, eventId, windows } = aggregates
  return {
    keysFrom: Object.fromEntries(joinKeys.map(({ name }, i) => [name, keysFrom[i] ?? name])),
    eventId: eventId.map(({ name }) => name),
    windows: Object.fromEntries(windows.map(window => [window.name, windowText(window)])),
  }
}

function windowText({ aggregation, column, n, where, windowMs, tileMs }: WindowPlan): string {
  const what = aggregation === 'lastN' ? `last ${n}` : aggregation
  const of = column === null ? what : `${what} of ${column}`
  const filter = where === null ? '' : ` where ${canonical(where)}`
  return `${of} over ${durationText(windowMs)} by ${durationText(tileMs)}${filter}`
}

/** All but its state, which is the lock's own. */
export type ViewContent = Omit<Extract<LockedView, { state: 'active' }>, 'state'>

export const viewEntry = (plan: Plan, view: ViewPlan): ViewContent => ({
  joinKeys: typesOf(view.joinKeys),
  features: Object.fromEntries(view.features.map(feature => [feature.name, featureText(feature)])),
  source: sourceOf(plan, view),
  aggregates: aggregatesOf(view),
  transformation: view.transformation === null ? null : linesOf(view.transformation),
  eventTimestamp: view.eventTimestamp,
  createdTimestamp: view.createdTimestamp,
  ttlMs: view.ttlMs,
  maxStalenessMs: view.maxStalenessMs,
  online: view.online,
  schedule: view.schedule,
  freshnessMs: view.freshnessMs,
  monthlyCost: view.monthlyCost,
  owner: view.owner,
  approvers: keysOf(view.approvers),
  about: contentHash({
    description: view.description,
    tags: view.tags,
    entities: view.entities,
    features: view.features.flatMap(({ name, description }) =>
      description === '' ? [] : [[name, description]],
    ),
  }),
  meaning: view.meaning,
})

const useText = ({ view, joinKeys }: UsePlan, { feature, type, name }: ServiceFeature): string =>
  `${view}:${feature} ${type} as ${name} by ${joinKeys.map(key => `${key.name}=${key.from}`).join(',')}`

/** What a line of a service's features says. */
export interface UseLine {
  readonly view: string
  readonly feature: string
  readonly type: string
  readonly column: string
  /** The view's join keys, and where the service finds them. */
  readonly role: string
}

export function useLine(text: string): UseLine {
  const [, view = '', feature = '', type = '', column = '', role = ''] =
    /^([^:]+):(\S+) (\S+) as (\S+) by (\S+)$/.exec(text) ?? []
  return { view, feature, type, column, role }
}

export const serviceEntry = (service: ServicePlan): LockedService => {
  const features = service.uses.flatMap(use =>
    use.features.map(feature => [feature.fullName, useText(use, feature)] as const),
  )
  const { spine } = service
  return {
    joinKeys: typesOf(service.joinKeys),
    features: Object.fromEntries(features),
    spine:
      spine === null
        ? null
        : {
            from: spine.origin.kind === 'view' ? spine.origin.view : spine.origin.source,
            query: linesOf(spine.query),
          },
    latencyMs: service.latencyMs,
    monthlyCost: service.monthlyCost,
    owner: service.owner,
    approvers: keysOf(service.approvers),
    about: contentHash({
      description: service.description,
      tags: service.tags,
      order: features.map(([name]) => name),
    }),
  }
}

const grantText = ({ mask }: GrantedFeature): string => (mask === null ? 'as it is' : `masked ${mask}`)

export const consumerEntry = (consumer: ConsumerPlan): LockedConsumer => ({
  principals: consumer.principals,
  grants: Object.fromEntries(
    consumer.grants.map(({ view, features }) => [
      view,
      Object.fromEntries(features.map(feature => [feature.name, grantText(feature)])),
    ]),
  ),
  owner: consumer.owner,
  about: contentHash({ description: consumer.description, tags: consumer.tags }),
})
