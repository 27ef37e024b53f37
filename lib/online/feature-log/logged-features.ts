/**
 * Responses in the feature log: one JSON line per entity row, with the instant at which ages and windows were
 * computed.
 *
 * `{"service": …, "plan": …, "meaning": …, "instant": …, "keys": {join key: value, …}, "values": {feature: value,
 * …}}`, and `request` in the form of `keys` if the service has request values. Values have the form of responses, and
 * are null for every status without a value. Features with personal data are left out.
 */
import type { Column, ServicePlan } from '../../plan/plan.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { isoMicros, microsOfIso } from '../item/instant-text.ts'
import { type JsonCodec, jsonCodec } from '../item/json-codec.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../item/json-value.ts'
import { columnsOf, type Part } from '../serving/merged-answer.ts'
import type { OnlineRequest } from '../serving/request.ts'

export interface FeatureLogInput extends Omit<Part, 'variant'> {
  /** The hash of the plan that served the response. */
  readonly planHash: string
  /** The semantic hash of the service under that plan, see lib/plan/service-meaning.ts. */
  readonly meaning: string
  /** The features to leave out, by their names in the service. */
  readonly leftOut: ReadonlySet<string>
  /** Milliseconds since 1970: the instant at which ages were computed. */
  readonly nowMs: number
}

interface Named {
  readonly name: string
  readonly json: JsonCodec
}

const members = (pairs: readonly (readonly [name: string, json: string])[]): string =>
  `{${pairs.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`

/** One line per entity row, without a line ending. */
export function featureLogLines(input: FeatureLogInput): readonly string[] {
  const { planHash, meaning, request, rows, leftOut, nowMs } = input
  const { service, columns: keys, given } = request
  const columns = [...columnsOf(input, nowMs)].filter(([name]) => !leftOut.has(name))
  const head = [
    ['service', JSON.stringify(service.name)],
    ['plan', JSON.stringify(planHash)],
    ['meaning', JSON.stringify(meaning)],
    ['instant', JSON.stringify(isoMicros(microsOf(nowMs)))],
  ] as const
  return rows.map((row, i) => {
    const written = (of: readonly Named[], values: OnlineRequest['columns']): string =>
      members(of.map(({ name, json }, k) => [name, json.write(values[k]?.[row] ?? null)]))
    const values = columns.map(([name, column]) => [name, column.values[i] ?? 'null'] as const)
    return members([
      ...head,
      ['keys', written(service.joinKeys, keys)],
      ...(given.length === 0 ? [] : [['request', written(service.derived?.request ?? [], given)] as const]),
      ['values', members(values)],
    ])
  })
}

/** A parsed line. Its keys and request values have the right types. */
export interface LoggedFeatures {
  readonly service: string
  readonly plan: string
  readonly meaning: string
  readonly instant: Micros
  /** The texts of the join keys and then of the request values, in order; bytes in base64. */
  readonly asked: readonly (string | null)[]
  /** Values as JSON, by feature. */
  readonly values: JsonObject
}

const text = (json: JsonValue | undefined): string | null => (typeof json === 'string' ? json : null)

const parsed = (line: string): JsonValue => {
  try {
    return parseJson(line)
  } catch {
    return null
  }
}

/** Returns a function that writes a value as text: null for null, `undefined` for a value that is not of the type. */
const textReader = ({ name, type }: Column) => {
  const { read, write } = jsonCodec(type)
  return (from: JsonObject): string | null | undefined => {
    const json = from[name]
    const value = json === undefined ? undefined : read(json)
    if (value === undefined || value === null) return value
    return typeof json === 'string' ? json : write(value)
  }
}

/** Returns a reader for the lines of a service. It returns null for an invalid line, such as one that was cut off. */
export function featureLogReader({
  joinKeys,
  request,
}: Pick<ServicePlan, 'joinKeys' | 'request'>): (line: string) => LoggedFeatures | null {
  const keyTexts = joinKeys.map(textReader)
  const requestTexts = request.map(textReader)
  return line => {
    const record = parsed(line)
    if (!isObject(record)) return null
    const { keys, request: given = {}, values } = record
    const [service, plan, meaning, at] = ['service', 'plan', 'meaning', 'instant'].map(name =>
      text(record[name]),
    )
    const instant = microsOfIso(at ?? '')
    if (!service || !plan || !meaning || instant === undefined) return null
    if (!isObject(keys) || !isObject(given) || !isObject(values)) return null
    // A join key is never null.
    const asked = [...keyTexts.map(read => read(keys) ?? undefined), ...requestTexts.map(read => read(given))]
    const known = asked.filter(one => one !== undefined)
    return known.length < asked.length ? null : { service, plan, meaning, instant, asked: known, values }
  }
}
