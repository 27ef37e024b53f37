/** The options of each kind of definition. An option that is not in the list is reported. */
import type { AggregateDeclaration } from '../../definition/aggregate-view.ts'
import type { Aggregation } from '../../definition/aggregation.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import type { Kinds } from '../read-definitions.ts'
import { checkOptions } from './check-options.ts'

/** Fields that the functions of the language set, and no user sets. */
type Own = 'kind' | 'types' | 'aggregates'
type OptionsOf<K extends keyof Kinds> = Readonly<Record<Exclude<keyof Kinds[K], Own>, true>>

const METADATA = { owner: true, description: true, tags: true } as const
const TIMES = { name: true, eventTimestamp: true, createdTimestamp: true } as const
const VIEW = {
  ...TIMES,
  version: true,
  entities: true,
  source: true,
  transformation: true,
  online: true,
  schedule: true,
  freshness: true,
  monthlyCost: true,
  approvers: true,
  ...METADATA,
} as const

const DEFINITIONS = {
  entity: { name: true, joinKeys: true, pii: true, description: true },
  fileSource: { ...TIMES, path: true, format: true, csv: true, columns: true, pii: true, description: true },
  tableSource: {
    ...TIMES,
    catalog: true,
    database: true,
    table: true,
    local: true,
    columns: true,
    pii: true,
    description: true,
  },
  viewSource: { view: true, version: true },
  streamSource: {
    name: true,
    schema: true,
    eventTimestamp: true,
    eventId: true,
    pii: true,
    history: true,
    stream: true,
    tolerance: true,
    description: true,
  },
  featureView: { ...VIEW, features: true, ttl: true, maxStaleness: true },
  pick: { view: true, features: true, alias: true, joinKeys: true, rename: true },
  derivedView: { name: true, inputs: true, request: true, features: true, ...METADATA },
  featureService: {
    name: true,
    features: true,
    spine: true,
    latency: true,
    monthlyCost: true,
    approvers: true,
    ...METADATA,
  },
  consumer: { name: true, principals: true, grants: true, pushes: true, ...METADATA },
  unmasked: { of: true },
  environment: {
    name: true,
    region: true,
    account: true,
    tags: true,
    removal: true,
    noncurrentVersions: true,
    logRetention: true,
    scanLimitBytes: true,
    replicas: true,
    contributorInsights: true,
    sourcePolicies: true,
    dax: true,
    vpc: true,
    alarms: true,
    budget: true,
    concurrency: true,
    throttle: true,
    recordAnswers: true,
    canary: true,
    dataEvents: true,
    tracing: true,
    pushShards: true,
  },
} as const satisfies { readonly [K in keyof Kinds]: OptionsOf<K> }

const AGGREGATES = {
  joinKeys: true,
  columns: true,
  eventId: true,
  aggregations: true,
  windows: true,
  tile: true,
} as const satisfies Readonly<Record<keyof AggregateDeclaration, true>>

const AGGREGATION = { as: true, where: true, cleared: true } as const satisfies Partial<
  Readonly<Record<keyof Aggregation, true>>
>

export type OptionKind = keyof typeof DEFINITIONS | 'aggregateView' | 'aggregation'

const ALL: Readonly<Record<OptionKind, object>> = {
  ...DEFINITIONS,
  aggregateView: { ...VIEW, ...AGGREGATES },
  aggregation: AGGREGATION,
}

/** Names of options, in the order of messages. */
const optionsOf = (kind: OptionKind): readonly string[] => Object.keys(ALL[kind])

/** Fields that the functions of the language add to the options. */
const OWN: readonly string[] = ['kind', 'types', 'aggregates'] satisfies readonly Own[]

const MADE: readonly string[] = [
  'aggregation',
  'as',
  'column',
  'n',
  'where',
  'cleared',
] satisfies readonly (keyof Aggregation)[]

/** Reports each unknown option of an aggregation. */
export function checkAggregation(place: DiagnosticPath, aggregation: object): void {
  const given = Object.entries(aggregation).filter(([name]) => !MADE.includes(name))
  checkOptions(place, Object.fromEntries(given), optionsOf('aggregation'))
}

/** Reports each option of a definition that its function does not have. */
export function checkDefinition(place: DiagnosticPath, definition: object, kind: OptionKind): void {
  const given = Object.entries(definition).filter(([name]) => !OWN.includes(name))
  checkOptions(place, Object.fromEntries(given), optionsOf(kind))
}
