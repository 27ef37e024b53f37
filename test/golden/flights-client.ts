/* eslint-disable */
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// Made by `quern generate typescript` from the plan fe09b4dd1fcd57b1df8a1bd70f2293e11089d29581106b7599fd747e960da70a.
// Do not edit it: change the definitions, and make it again.

/** Hash of the plan that this client was made from. */
export const PLAN = 'fe09b4dd1fcd57b1df8a1bd70f2293e11089d29581106b7599fd747e960da70a'

/** Of whom {@link Client.departureDelay} is asked. */
export interface DepartureDelayEntity {
  /** An airline by its two-letter code. string. */
  readonly carrier: string
  /** An airport by its IATA code. string. */
  readonly dest: string
  /** An airport by its IATA code. string. */
  readonly origin: string
  /** An aircraft by its tail number. string. */
  readonly tailnum: string
}

/** What {@link Client.departureDelay} answers for an entity. */
export interface DepartureDelayRow {
  /** Temperature, °F. airport_weather@1:temp of origin, float64, good for 3 hours. */
  readonly temp: Feature<number>
  /** Relative humidity, %. airport_weather@1:humid of origin, float64, good for 3 hours. */
  readonly humid: Feature<number>
  /** Wind direction, degrees. airport_weather@1:wind_dir of origin, int32, good for 3 hours. */
  readonly wind_dir: Feature<number>
  /** Wind speed, mph. airport_weather@1:wind_speed of origin, float64, good for 3 hours. */
  readonly wind_speed: Feature<number>
  /** Gust speed, mph. airport_weather@1:wind_gust of origin, float64, good for 3 hours. */
  readonly wind_gust: Feature<number>
  /** Precipitation in the hour, inches. airport_weather@1:precip of origin, float64, good for 3 hours. */
  readonly precip: Feature<number>
  /** Visibility, miles. airport_weather@1:visib of origin, float64, good for 3 hours. */
  readonly visib: Feature<number>
  /** Latitude, degrees. airport_place@1:lat of origin, float64. */
  readonly origin_place__lat: Feature<number>
  /** Longitude, degrees. airport_place@1:lon of origin, float64. */
  readonly origin_place__lon: Feature<number>
  /** Altitude, feet. airport_place@1:alt of origin, int32. */
  readonly origin_place__alt: Feature<number>
  /** Latitude, degrees. airport_place@1:lat of dest, float64. */
  readonly dest_place__lat: Feature<number>
  /** Longitude, degrees. airport_place@1:lon of dest, float64. */
  readonly dest_place__lon: Feature<number>
  /** Altitude, feet. airport_place@1:alt of dest, int32. */
  readonly dest_place__alt: Feature<number>
  /** Year of manufacture. aircraft_model@1:year_built of tailnum, int32. */
  readonly year_built: Feature<number>
  /** aircraft_model@1:manufacturer of tailnum, string. */
  readonly manufacturer: Feature<string>
  /** Count of seats. aircraft_model@1:seats of tailnum, int32. */
  readonly seats: Feature<number>
  /** Where it landed. aircraft_last_flight@1:last_dest of tailnum, string, good for 3 days. */
  readonly last_dest: Feature<string>
  /** Departure delay, minutes. aircraft_last_flight@1:last_dep_delay of tailnum, int32, good for 3 days. */
  readonly last_dep_delay: Feature<number>
  /** Arrival delay, minutes. aircraft_last_flight@1:last_arr_delay of tailnum, int32, good for 3 days. */
  readonly last_arr_delay: Feature<number>
  /** Minutes in the air. aircraft_last_flight@1:last_air_time of tailnum, int32, good for 3 days. */
  readonly last_air_time: Feature<number>
  /** Departures of the day. carrier_day@1:departures of carrier, int64, good for 7 days. */
  readonly carrier_day__departures: Feature<bigint>
  /** Mean departure delay, minutes. carrier_day@1:mean_dep_delay of carrier, float64, good for 7 days. */
  readonly carrier_day__mean_dep_delay: Feature<number>
  /** Share of departures over 15 minutes late. carrier_day@1:late_share of carrier, float64, good for 7 days. */
  readonly late_share: Feature<number>
  /** Departures of the day. route_day@1:departures of dest, origin, int64, good for 7 days. */
  readonly route_day__departures: Feature<bigint>
  /** Mean departure delay, minutes. route_day@1:mean_dep_delay of dest, origin, float64, good for 7 days. */
  readonly route_day__mean_dep_delay: Feature<number>
  /** Longest departure delay, minutes. route_day@1:max_dep_delay of dest, origin, int32, good for 7 days. */
  readonly max_dep_delay: Feature<number>
}

/** Of whom {@link Client.liveDelays} is asked. */
export interface LiveDelaysEntity {
  /** An airline by its two-letter code. string. */
  readonly carrier: string
  /** An airport by its IATA code. string. */
  readonly dest: string
  /** An airport by its IATA code. string. */
  readonly origin: string
  /** Request value. int32. */
  readonly distance: number | null
}

/** What {@link Client.liveDelays} answers for an entity. */
export interface LiveDelaysRow {
  /** airport_departures@1:departures_1h of origin, int64. */
  readonly departures_1h: Feature<bigint>
  /** airport_departures@1:mean_dep_delay_1h of origin, float64. */
  readonly mean_dep_delay_1h: Feature<number>
  /** airport_departures@1:mean_dep_delay_6h of origin, float64. */
  readonly mean_dep_delay_6h: Feature<number>
  /** carrier_arrivals@1:arrivals_6h of carrier, int64. */
  readonly arrivals_6h: Feature<bigint>
  /** carrier_arrivals@1:late_arrivals_6h of carrier, int64. */
  readonly late_arrivals_6h: Feature<bigint>
  /** carrier_arrivals@1:mean_arr_delay_6h of carrier, float64. */
  readonly mean_arr_delay_6h: Feature<number>
  /** carrier_arrivals@1:mean_arr_delay_7d of carrier, float64. */
  readonly carrier_arr_delay_7d: Feature<number>
  /** route_arrivals@1:arrivals_1d of dest, origin, int64. */
  readonly arrivals_1d: Feature<bigint>
  /** route_arrivals@1:mean_arr_delay_1d of dest, origin, float64. */
  readonly mean_arr_delay_1d: Feature<number>
  /** route_arrivals@1:mean_arr_delay_7d of dest, origin, float64. */
  readonly mean_arr_delay_7d: Feature<number>
  /** Wind across and against the way to the destination, mph. Derived: route_wind:crosswind, float64. */
  readonly crosswind: Feature<number>
  /** Wind across and against the way to the destination, mph. Derived: route_wind:headwind, float64. */
  readonly headwind: Feature<number>
  /** The last day and hour against the week, and how far there is to fly. Derived: trend:arr_delay_trend, float64. */
  readonly arr_delay_trend: Feature<number>
  /** The last day and hour against the week, and how far there is to fly. Derived: trend:departures_trend, float64. */
  readonly departures_trend: Feature<number>
  /** The last day and hour against the week, and how far there is to fly. Derived: trend:is_long_haul, bool. */
  readonly is_long_haul: Feature<boolean>
}

export interface Client {
  /**
   * What is known of a departure at its scheduled time. Owner: delays@example.com.
   * One row for each entity, in their order; at most 1,428 entities a call.
   * @throws {QuernError} if there is no answer
   * @throws {TypeError} if a join key is not of its type
   */
  readonly departureDelay: (question: Question<DepartureDelayEntity>) => Promise<readonly DepartureDelayRow[]>
  /**
   * How late things are right now, at a departure’s scheduled time. Owner: delays@example.com.
   * One row for each entity, in their order; at most 1,666 entities a call.
   * @throws {QuernError} if there is no answer
   * @throws {TypeError} if a join key, or a request value, is not of its type
   */
  readonly liveDelays: (question: Question<LiveDelaysEntity>) => Promise<readonly LiveDelaysRow[]>
  /** Does the server answer by the definitions that this client was made from? @throws {QuernError} if there is no answer */
  readonly checkPlan: () => Promise<PlanCheck>
}

/** A client of the serving API; it holds nothing that must be closed. */
export function createClient(options: ClientOptions): Client {
  return {
    departureDelay: asker(options, {
      name: 'departure_delay',
      joinKeys: {
        carrier: 'string',
        dest: 'string',
        origin: 'string',
        tailnum: 'string',
      },
      features: {
        temp: 'float64',
        humid: 'float64',
        wind_dir: 'int32',
        wind_speed: 'float64',
        wind_gust: 'float64',
        precip: 'float64',
        visib: 'float64',
        origin_place__lat: 'float64',
        origin_place__lon: 'float64',
        origin_place__alt: 'int32',
        dest_place__lat: 'float64',
        dest_place__lon: 'float64',
        dest_place__alt: 'int32',
        year_built: 'int32',
        manufacturer: 'string',
        seats: 'int32',
        last_dest: 'string',
        last_dep_delay: 'int32',
        last_arr_delay: 'int32',
        last_air_time: 'int32',
        carrier_day__departures: 'int64',
        carrier_day__mean_dep_delay: 'float64',
        late_share: 'float64',
        route_day__departures: 'int64',
        route_day__mean_dep_delay: 'float64',
        max_dep_delay: 'int32',
      },
    }),
    liveDelays: asker(options, {
      name: 'live_delays',
      joinKeys: {
        carrier: 'string',
        dest: 'string',
        origin: 'string',
      },
      request: {
        distance: 'int32',
      },
      features: {
        departures_1h: 'int64',
        mean_dep_delay_1h: 'float64',
        mean_dep_delay_6h: 'float64',
        arrivals_6h: 'int64',
        late_arrivals_6h: 'int64',
        mean_arr_delay_6h: 'float64',
        carrier_arr_delay_7d: 'float64',
        arrivals_1d: 'int64',
        mean_arr_delay_1d: 'float64',
        mean_arr_delay_7d: 'float64',
        crosswind: 'float64',
        headwind: 'float64',
        arr_delay_trend: 'float64',
        departures_trend: 'float64',
        is_long_haul: 'bool',
      },
    }),
    checkPlan: () => planCheck(options, PLAN),
  }
}

/** Microseconds since 1970-01-01T00:00:00Z. */
export type Micros = bigint

/** The value of a feature, and why there is none. */
export type Feature<T> =
  | { readonly status: 'PRESENT'; readonly value: T; readonly eventTimestamp: Micros }
  | {
      /** The newest row has no value there, or is older than the view's ttl. */
      readonly status: 'NULL_VALUE' | 'OUTSIDE_MAX_AGE'
      readonly value: null
      readonly eventTimestamp: Micros
    }
  | { readonly status: 'NOT_FOUND'; readonly value: null; readonly eventTimestamp: null }

/** The same of personal data; where the caller may not see a value, what the mask makes of it. */
export type PersonalFeature<T, Masked extends string | null> =
  | Feature<T>
  | { readonly status: 'MASKED'; readonly value: Masked; readonly eventTimestamp: Micros }

export interface SignableRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty if it has none. */
  readonly body: string
}

export interface ClientOptions {
  /** Where the API is, such as `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  readonly url: string
  /**
   * Gives all headers of a request, its signature among them: Signature Version 4, service `execute-api`.
   * @default requests are not signed, as for a store without consumers
   */
  readonly sign?: (request: SignableRequest) => Promise<Headers | Readonly<Record<string, string>>>
  /** Milliseconds that an answer may take. @default 10,000 */
  readonly timeoutMs?: number
}

export interface Question<Entity> {
  readonly entities: readonly Entity[]
  /** Breaks the call off. @default only its time does */
  readonly signal?: AbortSignal
}

/** Whether the server answers by the definitions that this client was made from. */
export interface PlanCheck {
  readonly same: boolean
  /** Hash of the plan that the client was made from. */
  readonly client: string
  /** Hash of the plan that is served. */
  readonly server: string
}

/**
 * A call without an answer. Codes are the server's (`unknown-service`, `not-granted`, `store-unavailable` …), or
 *
 * | code | what |
 * | --- | --- |
 * | `no-answer` | none came: not in time, or not at all |
 * | `refused` | by what stands before the server, such as a gateway that does not take the signature |
 * | `unreadable` | what came is not from this API |
 * | `plan-differs` | the server's definitions have changed: generate the client again |
 */
export class QuernError extends Error {
  override readonly name = 'QuernError'
  readonly code: string
  /** Of HTTP; null if no answer came. */
  readonly status: number | null
  /** By which the server's log knows the call; null if no answer came. */
  readonly requestId: string | null
  /** Seconds after which to try again; null: trying again does not help, or nobody knows. */
  readonly retryAfter: number | null

  constructor(
    code: string,
    message: string,
    { status, requestId, retryAfter, ...options }: Particulars = {},
  ) {
    super(message, options)
    this.code = code
    this.status = status ?? null
    this.requestId = requestId ?? null
    this.retryAfter = retryAfter ?? null
  }
}

type Particulars = Partial<Pick<QuernError, 'status' | 'requestId' | 'retryAfter'>> & ErrorOptions

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const isObject = (json: Json | undefined): json is { readonly [name: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const textOf = (json: Json | undefined): string | undefined => (typeof json === 'string' ? json : undefined)

/** A text, or a number; whichever opens first is the one that counts. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Whole numbers that a double may not hold become texts of their digits, which an int64 is read from as well. */
const exact = (text: string): string =>
  /\d{16}/.test(text)
    ? text.replace(TOKEN, token => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token))
    : text

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(exact(text))
  } catch {
    return undefined
  }
}

/** From JSON: `undefined` for what is not of the type. */
type Decode = (json: Json) => unknown
/** To JSON: `undefined` for what is not of the type, since callers need not have been type-checked. */
type Encode = (value: unknown) => Json | undefined

function instantText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, 19)
  return `${second}.${fraction.toString().padStart(6, '0')}Z`
}

function microsOf(json: Json | undefined): bigint | undefined {
  const [, second, fraction = ''] = /^([\d-]+T[\d:]+)(?:\.(\d{1,6}))?Z$/.exec(textOf(json) ?? '') ?? []
  const ms = Date.parse(`${second}Z`)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}

function int64Of(json: Json): bigint | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : undefined
}

/** NaN and the infinities have no form in JSON but their names. */
function floatOf(json: Json): number | undefined {
  if (typeof json === 'number') return json
  return json === 'NaN' || json === 'Infinity' || json === '-Infinity' ? Number(json) : undefined
}

function bytesOf(json: Json): Uint8Array | undefined {
  const base64 = textOf(json) ?? '?'
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined
  return Uint8Array.from(atob(base64), byte => byte.charCodeAt(0))
}

const base64Of = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))

const DECODE: Readonly<Record<string, Decode>> = {
  bool: json => (typeof json === 'boolean' ? json : undefined),
  int32: json => (Number.isInteger(json) ? json : undefined),
  int64: int64Of,
  float32: json => {
    const value = floatOf(json)
    return value === undefined ? undefined : Math.fround(value)
  },
  float64: floatOf,
  string: textOf,
  bytes: bytesOf,
  timestamp: microsOf,
  date: json => (/^\d{4}-\d\d-\d\d$/.test(textOf(json) ?? '') ? json : undefined),
}

function floatJson(value: unknown): Json | undefined {
  if (typeof value !== 'number') return undefined
  return Number.isFinite(value) ? value : String(value)
}

const ENCODE: Readonly<Record<string, Encode>> = {
  bool: value => (typeof value === 'boolean' ? value : undefined),
  int32: value => (typeof value === 'number' && Number.isInteger(value) ? value : undefined),
  int64: value => (typeof value === 'bigint' ? value.toString() : undefined),
  float32: floatJson,
  float64: floatJson,
  string: value => (typeof value === 'string' ? value : undefined),
  bytes: value => (value instanceof Uint8Array ? base64Of(value) : undefined),
  timestamp: value => (typeof value === 'bigint' ? instantText(value) : undefined),
  date: value => (typeof value === 'string' ? value : undefined),
}

const nullable =
  (decode: Decode): Decode =>
  json =>
    json === null ? null : decode(json)

function list(json: Json, decode: Decode): readonly unknown[] | undefined {
  const values = Array.isArray(json) ? json.map(decode) : undefined
  return values?.includes(undefined) ? undefined : values
}

function vector(json: Json): Float32Array | undefined {
  const values = list(json, floatOf)
  return values === undefined ? undefined : Float32Array.from(values, Number)
}

function decoder(type: string): Decode {
  const element = /^array<(\w+)>$/.exec(type)?.[1]
  if (type.startsWith('vector')) return nullable(vector)
  if (element === undefined) return nullable(DECODE[type] ?? (() => undefined))
  return nullable(json => list(json, nullable(DECODE[element] ?? (() => undefined))))
}

/** What a client knows of a service: the types of its columns, in the order of answers. */
interface Service {
  readonly name: string
  readonly joinKeys: Readonly<Record<string, string>>
  /** What derived features need beside them; each value may be null. */
  readonly request?: Readonly<Record<string, string>>
  readonly features: Readonly<Record<string, string>>
}

/** @throws {TypeError} if a value is not of its column's type; it does not tell the value */
function bodyOf({ name, joinKeys, request = {} }: Service, entities: readonly object[]): string {
  const columns = Object.entries({ ...joinKeys, ...request }).map(([key, type]) => [
    key,
    entities.map((entity, row) => {
      // Each value is looked up by its own name, and what is missing is of no type.
      const value = (entity as Readonly<Record<string, unknown>>)[key]
      const json = value === null && key in request ? null : ENCODE[type]?.(value)
      if (json === undefined) throw new TypeError(`entities[${row}].${key} of ${name} is no ${type}`)
      return json
    }),
  ])
  return JSON.stringify({ feature_service: name, entities: Object.fromEntries(columns) })
}

const differs = (service: string, what: string): QuernError =>
  new QuernError('plan-differs', `${service}: ${what} in the server's answer; generate the client again`)

const STATUSES = ['PRESENT', 'NULL_VALUE', 'OUTSIDE_MAX_AGE', 'NOT_FOUND', 'MASKED']

/** A column of the answer, a feature for each entity. */
function columnOf(service: string, answer: Json, name: string, type: string): (row: number) => object {
  const { metadata, results } = isObject(answer) ? answer : {}
  const names =
    isObject(metadata) && Array.isArray(metadata['feature_names']) ? metadata['feature_names'] : []
  const result: Json | undefined = Array.isArray(results) ? results[names.indexOf(name)] : undefined
  if (!isObject(result)) throw differs(service, `there is no feature ${name}`)
  const { values, statuses, event_timestamps: times } = result
  const [decode, masked] = [decoder(type), nullable(textOf)]
  return row => {
    const at = (list: Json | undefined): Json => (Array.isArray(list) ? list[row] : undefined) ?? null
    const status = textOf(at(statuses)) ?? ''
    const value = (status === 'MASKED' ? masked : decode)(at(values))
    const eventTimestamp = status === 'NOT_FOUND' ? null : microsOf(at(times))
    if (!STATUSES.includes(status) || value === undefined || eventTimestamp === undefined)
      throw differs(service, `${name} is no ${type}`)
    return { status, value, eventTimestamp }
  }
}

const HEADERS = { 'content-type': 'application/json' }

interface Answer {
  readonly json: Json | undefined
  readonly particulars: Particulars
}

/** @throws {QuernError} if it is a refusal */
function answerOf({ ok, status, headers }: Response, text: string): Answer {
  const json = parse(text)
  const said = isObject(json) ? json : {}
  const error = isObject(said['error']) ? said['error'] : {}
  const after = Number(headers.get('retry-after') ?? Number.NaN)
  const particulars = {
    status,
    requestId: textOf(error['request_id']) ?? headers.get('apigw-requestid'),
    retryAfter: Number.isNaN(after) ? null : after,
  }
  if (ok) return { json, particulars }
  const message = textOf(error['message']) ?? textOf(said['message']) ?? `the server answered ${status}`
  throw new QuernError(textOf(error['code']) ?? 'refused', message, particulars)
}

interface Route extends Pick<SignableRequest, 'method' | 'body'> {
  readonly path: string
  readonly signal?: AbortSignal | undefined
}

async function call({ url, sign, timeoutMs = 10_000 }: ClientOptions, route: Route): Promise<Answer> {
  const { method, path, body, signal } = route
  const request = { method, url: url.replace(/\/+$/, '') + path, headers: HEADERS, body }
  const headers = new Headers(sign === undefined ? HEADERS : await sign(request))
  const timeout = AbortSignal.timeout(timeoutMs)
  const init = {
    method,
    headers,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }
  try {
    const response = await fetch(request.url, body === '' ? init : { ...init, body })
    return answerOf(response, await response.text())
  } catch (cause) {
    if (cause instanceof QuernError || signal?.aborted === true) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new QuernError('no-answer', `no answer from ${request.url}: ${why}`, { cause })
  }
}

/** A service's method. `Row` is what its generated type says, and is made of the same columns. */
function asker<Entity extends object, Row>(
  options: ClientOptions,
  service: Service,
): (question: Question<Entity>) => Promise<readonly Row[]> {
  return async ({ entities, signal }) => {
    const body = bodyOf(service, entities)
    const { json, particulars } = await call(options, {
      method: 'POST',
      path: '/get-online-features',
      body,
      signal,
    })
    if (!isObject(json)) throw new QuernError('unreadable', 'the answer is not JSON of this API', particulars)
    const columns = Object.entries(service.features).map(
      ([name, type]) => [name, columnOf(service.name, json, name, type)] as const,
    )
    return entities.map((_, row) => Object.fromEntries(columns.map(([name, at]) => [name, at(row)])) as Row)
  }
}

async function planCheck(options: ClientOptions, client: string): Promise<PlanCheck> {
  const { json, particulars } = await call(options, { method: 'GET', path: '/health', body: '' })
  const server = isObject(json) ? textOf(json['plan']) : undefined
  if (server === undefined)
    throw new QuernError('unreadable', 'the answer of /health names no plan: is it this API?', particulars)
  return { same: server === client, client, server }
}
