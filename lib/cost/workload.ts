/** The expected load of a store. It is read from JSON, and missing fields get defaults. */
import { z } from 'zod'
import type { Plan } from '../plan/plan.ts'
import { streamsOf } from '../plan/streams-of.ts'
import { nearestName } from '../text/nearest-name.ts'

/** The load of one view. */
export interface ViewWorkload {
  /** Entities with items in the online store. */
  readonly entities: number
  /** New rows or events per day in the offline store. */
  readonly rowsPerDay: number
  /** Rows or events per day that are pushed. An event that several views use counts for each view. */
  readonly pushedPerDay: number
  /** Days of history in the offline store. */
  readonly historyDays: number
}

/** The load of one feature service. */
export interface ServiceWorkload {
  /** Average over the month, because the average determines the cost. */
  readonly requestsPerSecond: number
  /** Entity rows per request. */
  readonly rowsPerRequest: number
  /** The share of keys that the cache or DAX answers, 0 to 1. */
  readonly cacheHits: number
  readonly trainingSetsPerMonth: number
  /** Rows of a training set. */
  readonly spineRows: number
}

/** The load of one stream. */
export interface StreamWorkload {
  /**
   * Push requests per day. They carry the events that `pushedPerDay` of its views counts. Other events are put on the
   * Kinesis stream directly.
   */
  readonly postsPerDay: number
}

/** The load of every view, service and stream of a plan. */
export interface Workload {
  /** By view key. */
  readonly views: Readonly<Record<string, ViewWorkload>>
  /** By service name. */
  readonly services: Readonly<Record<string, ServiceWorkload>>
  /** By stream name. */
  readonly streams: Readonly<Record<string, StreamWorkload>>
}

/** The file is not a valid workload for this plan. The message names each field. */
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

/** No rows and no requests. */
const IDLE_VIEW: ViewWorkload = { entities: 0, rowsPerDay: 0, pushedPerDay: 0, historyDays: 365 }
const IDLE_SERVICE: ServiceWorkload = {
  requestsPerSecond: 0,
  rowsPerRequest: 1,
  cacheHits: 0,
  trainingSetsPerMonth: 0,
  spineRows: 0,
}

const IDLE_STREAM: StreamWorkload = { postsPerDay: 0 }

/** The workload of a store that is deployed but not used. */
export const idle = (plan: Plan): Workload => workloadOf({}, plan)

/**
 * Reads `{ "everyView": {…}, "views": { "name@1": {…} }, "everyService": {…}, "services": { "name": {…} } }`, and the
 * same for streams. Values under a name override those for all. Missing values are zero, except one row per request
 * and 365 days of history.
 * @param other a plan whose views, services and streams may be named, too, so that one workload serves for two plans
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
