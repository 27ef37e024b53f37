/** All requests and responses of the serving API. The OpenAPI document is generated only from this table. */
import * as z from 'zod/mini'
import { MAX_EVENTS } from './request-error.ts'

const KeyValue = z.union([z.boolean(), z.number(), z.string()])

export const OnlineRequestBody = z
  .looseObject({
    feature_service: z.optional(z.nullable(z.string())),
    features: z.optional(z.nullable(z.array(z.string()))),
    entities: z.record(z.string(), z.array(z.nullable(KeyValue))),
    full_feature_names: z.optional(z.nullable(z.boolean())),
  })
  .register(z.globalRegistry, {
    description:
      'Either feature_service or features ("view:feature"). Entities come as columns, one for each join key and each request value of derived features; an int64 may be a string of its digits. No join key is null.',
    examples: [{ feature_service: 'departure_delay', entities: { origin: ['EWR', 'JFK'] } }],
  })

const Status = z.enum(['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'MASKED'])

export const OnlineAnswerBody = z.object({
  metadata: z.object({ feature_names: z.array(z.string()) }),
  results: z.array(
    z.object({
      values: z.array(z.unknown()),
      statuses: z.array(Status),
      event_timestamps: z.array(z.iso.datetime()),
    }),
  ),
})

export const HealthBody = z.object({ status: z.literal('ok'), plan: z.string() })

export const ReadyBody = z.object({ status: z.literal('ready'), plan: z.string() })

const Event = z.record(z.string(), z.unknown())

export const PushEventsBody = z
  .union([Event, z.array(Event).check(z.maxLength(MAX_EVENTS))])
  .register(z.globalRegistry, {
    description:
      'One event or a list of them: every field of the stream, in the forms of answers. Or rows: every join key, event_timestamp and every feature of the view.',
  })

export const PushedBody = z.object({
  accepted: z.int(),
  refused: z.array(z.object({ index: z.int(), reason: z.string() })),
})

export const ErrorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), request_id: z.string() }),
})

interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly operation: string
  readonly summary: string
  readonly body?: z.ZodMiniType
  readonly answer: z.ZodMiniType
  /** The status of a response. @default 200 */
  readonly status?: number
  /** Descriptions of the response headers, by name. @default no headers */
  readonly headers?: Readonly<Record<string, string>>
  /** The statuses of responses with an {@link ErrorBody}. */
  readonly errors: readonly number[]
}

export const ROUTES = {
  getOnlineFeatures: {
    method: 'POST',
    path: '/get-online-features',
    operation: 'getOnlineFeatures',
    summary: 'The newest values of features, for entities',
    body: OnlineRequestBody,
    answer: OnlineAnswerBody,
    headers: {
      deprecation: 'A view that was read is deprecated, since then: @ and seconds since 1970 (RFC 9745)',
      sunset: 'and is served until then at least: an HTTP date (RFC 8594)',
    },
    errors: [400, 401, 403, 413, 500, 503],
  },
  pushEvents: {
    method: 'POST',
    path: '/push/{source}',
    operation: 'pushEvents',
    summary: 'Events of a stream, or rows of a view, each held to its schema, onto the way to the store',
    body: PushEventsBody,
    answer: PushedBody,
    status: 202,
    errors: [400, 401, 403, 404, 413, 500, 503],
  },
  health: {
    method: 'GET',
    path: '/health',
    operation: 'health',
    summary: 'Is the function up, and with which plan? Does not touch the store',
    answer: HealthBody,
    errors: [500],
  },
  ready: {
    method: 'GET',
    path: '/health/ready',
    operation: 'ready',
    summary: 'Can the store be read? Reads one item, which need not exist',
    answer: ReadyBody,
    errors: [500, 503],
  },
  openApi: {
    method: 'GET',
    path: '/openapi.json',
    operation: 'openApi',
    summary: 'This document',
    answer: z.looseObject({ openapi: z.string() }),
    errors: [500],
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES

/** The routes of the read function. The push route belongs to another function, because it writes. */
export type ReadRouteName = Exclude<RouteName, 'pushEvents'>

/** The schemas of a route for one store. They replace the general ones. */
export interface NarrowedSchemas {
  readonly body: object
  readonly answer: object
}

const content = (schema: object): object => ({ 'application/json': { schema } })

function json(schema: z.ZodMiniType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12' })
  return content(rest)
}

const error = { description: 'What is wrong, and what to do', content: json(ErrorBody) }

/** Returned by API Gateway before the request reaches the function, in its own format. */
const typeRefused = {
  description: 'On a laptop: the content type is none, or one that a form of any page can send',
  content: json(z.object({ message: z.string() })),
}

const described = ({ headers }: Route): object =>
  headers === undefined
    ? {}
    : {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, description]) => [
            name,
            { description, schema: { type: 'string' } },
          ]),
        ),
      }

function inPath(path: string): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  if (names.length === 0) return {}
  return { parameters: names.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } })) }
}

function operation(route: Route, narrowed: NarrowedSchemas | undefined): object {
  const { operation: operationId, summary, body, answer, errors, path, status = 200 } = route
  const taken = narrowed === undefined ? body && json(body) : content(narrowed.body)
  const given = narrowed === undefined ? json(answer) : content(narrowed.answer)
  return {
    operationId,
    summary,
    ...inPath(path),
    ...(taken === undefined ? {} : { requestBody: { required: true, content: taken } }),
    responses: {
      [status]: { description: 'The answer', ...described(route), content: given },
      ...Object.fromEntries(errors.map(status => [status, error])),
      ...(taken === undefined ? {} : { 415: typeRefused }),
    },
  }
}

/** The OpenAPI 3.1 document: for any store, or with the given schemas for one store. */
export const openApi = (narrowed: Partial<Record<RouteName, NarrowedSchemas>> = {}): object => ({
  openapi: '3.1.0',
  info: {
    title: 'quern',
    version: '1',
    description: 'Online features, by the protocol of Feast’s feature server',
  },
  paths: Object.fromEntries(
    Object.entries(ROUTES).map(([name, route]) => [
      route.path,
      // The keys of this object are the entries of the table.
      { [route.method.toLowerCase()]: operation(route, narrowed[name as RouteName]) },
    ]),
  ),
})
