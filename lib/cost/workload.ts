/** What a store has to do, as somebody expects it: read from JSON, with what it leaves out filled in. */
import { z } from 'zod'
import type { Plan } from '../plan/plan.ts'
import { streamsOf } from '../plan/streams-of.ts'
import { nearestName } from '../text/nearest-name.ts'

/** Of one view. */
export interface ViewWorkload {
  /** Entities that have items online. */
  readonly entities: number
  /** Rows, or events, that are new in the offline store. */
  readonly rowsPerDay: number
  /** Those that come by a stream instead; an event of one that several views take counts for each. */
  readonly pushedPerDay: number
  /** For how many days they are kept. */
  readonly historyDays: number
}

/** Of one feature service. */
export interface ServiceWorkload {
  /** On average over the month, for that is what is paid. */
  readonly requestsPerSecond: number
  /** Entity rows of a request. */
  readonly rowsPerRequest: number
  /** The share of keys that memory or DAX answers, 0 to 1. */
  readonly cacheHits: number
  readonly trainingSetsPerMonth: number
  /** Rows of a training set. */
  readonly spineRows: number
}

/** Of one stream. */
export interface StreamWorkload {
  /** Requests with its events, which `pushedPerDay` of its views has; the rest is put on its Kinesis stream. */
  readonly postsPerDay: number
}

/** Of every view, service and stream of a plan. */
export interface Workload {
  /** By key. */
  readonly views: Readonly<Record<string, ViewWorkload>>
  /** By name. */
  readonly services: Readonly<Record<string, ServiceWorkload>>
  /** By name. */
  readonly streams: Readonly<Record<string, StreamWorkload>>
}

/** The file is not a workload of this plan; the message names each field. */
export class WorkloadError extends Error {
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('; '))
    this.name = 'WorkloadError'
  }
}

const count = z.number().nonnegative()

const view = z.strictObject({ entities: count, rowsPerDay: count, pushedPerDay: count, historyDays: count })

const service = z.strictObject({
  requestsPerSecond: count,
  rowsPerRequest: count,
  cacheHits: z.number().min(0).max(1),
  trainingSetsPerMonth: count,
  spineRows: count,
})

const stream = z.strictObject({ postsPerDay: count })

const file = z.strictObject({
  everyView: view.partial().optional(),
  views: z.record(z.string(), view.partial()).optional(),
  everyService: service.partial().optional(),
  services: z.record(z.string(), service.partial()).optional(),
  everyStream: stream.partial().optional(),
  streams: z.record(z.string(), stream.partial()).optional(),
})

/** Nobody asks, nothing changes. */
const IDLE_VIEW: ViewWorkload = { entities: 0, rowsPerDay: 0, pushedPerDay: 0, historyDays: 365 }
const IDLE_SERVICE: ServiceWorkload = {
  requestsPerSecond: 0,
  rowsPerRequest: 1,
  cacheHits: 0,
  trainingSetsPerMonth: 0,
  spineRows: 0,
}

const IDLE_STREAM: StreamWorkload = { postsPerDay: 0 }

/** A store that is deployed, and that is all. */
export const idle = (plan: Plan): Workload => workloadOf({}, plan)

/**
 * `{ "everyView": {…}, "views": { "name@1": {…} }, "everyService": {…}, "services": { "name": {…} } }`, and
 * streams likewise: what stands under a name goes before what stands for all; what stands nowhere is nothing (one row a
 * request, history of 365 days).
 * @param other a plan whose views, services and streams may be named as well: one workload for what was and what is
 * @throws {WorkloadError}
 */
export function workloadOf(json: unknown, plan: Plan, other: Plan = plan): Workload {
  const { data, error } = file.safeParse(json)
  if (error !== undefined)
    throw new WorkloadError(error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`))
  const {
    everyView = {},
    views = {},
    everyService = {},
    services = {},
    everyStream = {},
    streams = {},
  } = data
  const named = streamsByName(plan)
  refuseUnknown('views', views, { ...other.views, ...plan.views })
  refuseUnknown('services', services, { ...other.services, ...plan.services })
  refuseUnknown('streams', streams, { ...streamsByName(other), ...named })
  return {
    views: each(plan.views, key => view.parse({ ...IDLE_VIEW, ...everyView, ...views[key] })),
    services: each(plan.services, name =>
      service.parse({ ...IDLE_SERVICE, ...everyService, ...services[name] }),
    ),
    streams: each(named, name => stream.parse({ ...IDLE_STREAM, ...everyStream, ...streams[name] })),
  }
}

const streamsByName = (plan: Plan) => Object.fromEntries(streamsOf(plan).map(one => [one.name, one]))

const each = <T>(of: Readonly<Record<string, unknown>>, make: (name: string) => T) =>
  Object.fromEntries(Object.keys(of).map(name => [name, make(name)]))

function refuseUnknown(field: string, named: object, known: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(known)
  const unknown = Object.keys(named).filter(name => !Object.hasOwn(known, name))
  if (unknown.length === 0) return
  throw new WorkloadError(
    unknown.map(name => {
      const near = nearestName(name, names)
      const hint =
        near === undefined ? `the definitions have: ${names.join(', ') || 'none'}` : `did you mean '${near}'?`
      return `${field}.${name}: there is none of this name; ${hint}`
    }),
  )
}
