/**
 * Answers as they are recorded: a JSON line for each entity row, with the instant by which ages and windows were judged.
 *
 * `{"service": …, "plan": …, "meaning": …, "instant": …, "keys": {join key: value, …}, "values": {feature: value, …}}`;
 * values are in the forms of answers, and null whatever the reason. Features that are personal data are left out.
 */
import type { Column } from '../compiler/plan.ts'
import { type Micros, microsOf } from '../point-in-time.ts'
import { isoMicros, microsOfIso } from './instant-text.ts'
import { jsonCodec } from './json-codec.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from './json-value.ts'
import { columnsOf, type Part } from './merged-answer.ts'

export interface RecordLinesInput extends Omit<Part, 'variant'> {
  /** Of the plan that answered. */
  readonly planHash: string
  /** Of the service under that plan, see lib/compiler/service-meaning.ts. */
  readonly meaning: string
  /** Features that are left out, by their names in the service. */
  readonly leftOut: ReadonlySet<string>
  /** Milliseconds since 1970: the instant at which ages were judged. */
  readonly nowMs: number
}

const members = (pairs: readonly (readonly [name: string, json: string])[]): string =>
  `{${pairs.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`

/** A line for each row, without its end. */
export function recordLines(input: RecordLinesInput): readonly string[] {
  const { planHash, meaning, request, rows, leftOut, nowMs } = input
  const { service, columns: keys } = request
  const columns = [...columnsOf(input, nowMs)].filter(([name]) => !leftOut.has(name))
  const head = [
    ['service', JSON.stringify(service.name)],
    ['plan', JSON.stringify(planHash)],
    ['meaning', JSON.stringify(meaning)],
    ['instant', JSON.stringify(isoMicros(microsOf(nowMs)))],
  ] as const
  return rows.map((row, i) => {
    const entity = service.joinKeys.map(
      ({ name, json }, k) => [name, json.write(keys[k]?.[row] ?? null)] as const,
    )
    const values = columns.map(([name, column]) => [name, column.values[i] ?? 'null'] as const)
    return members([...head, ['keys', members(entity)], ['values', members(values)]])
  })
}

/** A line as it was read, its keys known to be of their types. */
export interface RecordedAnswer {
  readonly service: string
  readonly plan: string
  readonly meaning: string
  readonly instant: Micros
  /** Texts of the join keys, in the order in which they were asked for; those of bytes in base64. */
  readonly keys: readonly string[]
  /** As JSON, by feature. */
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

/** Makes the reader of a service's lines; null for what is none, such as a line that was cut off. */
export function recordReader(joinKeys: readonly Column[]): (line: string) => RecordedAnswer | null {
  const codecs = joinKeys.map(({ name, type }) => ({ name, codec: jsonCodec(type) }))
  return line => {
    const record = parsed(line)
    if (!isObject(record)) return null
    const { keys, values } = record
    const [service, plan, meaning, at] = ['service', 'plan', 'meaning', 'instant'].map(name =>
      text(record[name]),
    )
    const instant = microsOfIso(at ?? '')
    if (!service || !plan || !meaning || instant === undefined || !isObject(keys) || !isObject(values))
      return null
    const isOfTypes = codecs.every(({ name, codec }) => (codec.read(keys[name] ?? null) ?? null) !== null)
    const texts = codecs.map(({ name }) => String(keys[name]))
    return isOfTypes ? { service, plan, meaning, instant, keys: texts, values } : null
  }
}
