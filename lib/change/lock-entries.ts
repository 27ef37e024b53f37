/** The entries of views, services and consumers in the lock. */

import { sourceSemantics } from '../compiler/whole/meaning.ts'
import { renamed } from '../expression/renamed.ts'
import type {
  ApproverPlan,
  Column,
  ConsumerPlan,
  DerivedPlan,
  FeaturePlan,
  GrantedFeature,
  Plan,
  ServiceFeature,
  ServicePlan,
  ViewPlan,
  ViewRef,
  WindowPlan,
} from '../plan/plan.ts'
import { viewRefsRead } from '../plan/view-refs.ts'
import { compareText } from '../text/by-name.ts'
import { canonical, contentHash } from '../text/canonical.ts'
import { durationText } from '../text/duration-text.ts'
import type { LockedConsumer, LockedService, LockedView } from './lock-form.ts'

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
  const { columns, ...rest } = sourceSemantics(source)
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

/** All fields of a view except its state, which only the lock has. */
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

const roleText = ({ joinKeys }: ViewRef): string => joinKeys.map(key => `${key.name}=${key.from}`).join(',')

const useText = (use: ViewRef, { feature, type, name }: ServiceFeature): string =>
  `${use.view}:${feature} ${type} as ${name} by ${roleText(use)}`

/** The names of inputs are generated numbers, so the text uses the feature names instead. */
const inputTexts = ({ inputs }: ServicePlan): readonly string[] =>
  inputs
    .flatMap(use => use.features.map(feature => useText(use, { ...feature, name: feature.feature })))
    .sort(compareText)

/**
 * Uses reference texts instead of column names, so that the line changes only if the inputs or the expression change.
 */
function derivedText(service: ServicePlan, { name, type, expression }: DerivedPlan): string {
  const texts = new Map(
    viewRefsRead(service).flatMap(use =>
      use.features.map(({ fullName, feature }) => [fullName, `${use.view}:${feature} by ${roleText(use)}`]),
    ),
  )
  return `${type} as ${name} = ${canonical(renamed(expression, column => texts.get(column) ?? column))}`
}

/** Parses a line of a derived feature. */
export function derivedLine(
  text: string,
): Pick<ViewRefLine, 'type' | 'column'> & { readonly expression: string } {
  const [, type = '', column = '', expression = ''] = /^(\S+) as (\S+) = (.*)$/s.exec(text) ?? []
  return { type, column, expression }
}

/** A parsed line of a feature. */
export interface ViewRefLine {
  readonly view: string
  readonly feature: string
  readonly type: string
  readonly column: string
  /** The join keys of the view, and the columns of the service that hold them. */
  readonly role: string
}

export function viewRefLine(text: string): ViewRefLine {
  const [, view = '', feature = '', type = '', column = '', role = ''] =
    /^([^:]+):(\S+) (\S+) as (\S+) by (\S+)$/.exec(text) ?? []
  return { view, feature, type, column, role }
}

const describedDerived = ({ derived }: ServicePlan): object =>
  derived.length === 0 ? {} : { derived: derived.map(({ description }) => description) }

export const serviceEntry = (service: ServicePlan): LockedService => {
  const features = service.uses.flatMap(use =>
    use.features.map(feature => [feature.fullName, useText(use, feature)] as const),
  )
  const { spine } = service
  return {
    joinKeys: typesOf(service.joinKeys),
    features: Object.fromEntries(features),
    request: typesOf(service.request),
    inputs: inputTexts(service),
    derived: Object.fromEntries(service.derived.map(one => [one.fullName, derivedText(service, one)])),
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
      order: [...features.map(([name]) => name), ...service.derived.map(({ fullName }) => fullName)],
      ...describedDerived(service),
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
  pushes: consumer.pushes ?? [],
  owner: consumer.owner,
  about: contentHash({ description: consumer.description, tags: consumer.tags }),
})
