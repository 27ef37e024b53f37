/**
 * Converts a line that was pushed under earlier definitions to the current definitions. Removed fields are dropped, and new
 * fields are null. A line with both removed and new fields is refused, because a field may have been renamed.
 */

import { eventLineColumns, lineColumns } from '../../offline/ingest/pushed-lines.ts'
import { jsonCodec } from '../../online/item/json-codec.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../../online/item/json-value.ts'
import { PushError } from '../../online/push/push-error.ts'
import { pushedRecordReader } from '../../online/push/pushed-record.ts'
import type { Plan } from '../../plan/plan.ts'

export type Reread =
  /** The converted line. It is the line itself if no field has changed. */
  { readonly line: string } | { readonly refused: string }

/** The fields that the store adds to a line. */
const STORE_FIELDS: ReadonlySet<string> = new Set(['quern_key', 'row_hash', 'created_timestamp'])
const instants = jsonCodec('timestamp')

/** Names of the fields of a key's lines, without the store's fields; null: no data can be pushed under this key. */
export function fieldNames(plan: Plan, key: string): readonly string[] | null {
  const source = Object.hasOwn(plan.sources, key) ? plan.sources[key] : undefined
  const view = Object.hasOwn(plan.views, key) ? plan.views[key] : undefined
  const columns =
    source?.kind === 'stream' ? eventLineColumns(source) : view === undefined ? null : lineColumns(view)
  return columns?.map(({ name }) => name).filter(name => !STORE_FIELDS.has(name)) ?? null
}

/** Makes the converter of a key's lines. */
export function lineRereader(plan: Plan, key: string): (line: string) => Reread {
  const names = fieldNames(plan, key) ?? []
  const read = pushedRecordReader(plan)
  const isStream = plan.sources[key]?.kind === 'stream'
  return text => {
    const line = objectOf(text)
    const arrived = line === null ? undefined : instants.read(line['created_timestamp'] ?? null)
    if (line === null || typeof arrived !== 'bigint') return { refused: 'it is no line of pushed data' }
    const there = Object.keys(line).filter(name => !STORE_FIELDS.has(name))
    const [gone, added] = [there.filter(n => !names.includes(n)), names.filter(n => !there.includes(n))]
    if (gone.length > 0 && added.length > 0)
      return { refused: `it has ${gone.join(', ')}, and not ${added.join(', ')}` }
    const fields = Object.fromEntries(names.map((name): [string, JsonValue] => [name, line[name] ?? null]))
    const record = isStream ? { source: key, event: fields } : { view: key, row: fields }
    try {
      const again = read({ text: textOf(record) }, arrived)
      return { line: gone.length + added.length === 0 ? text : again.line }
    } catch (error) {
      if (!(error instanceof PushError)) throw error
      return { refused: error.message }
    }
  }
}

function objectOf(text: string): JsonObject | null {
  try {
    const line = parseJson(text)
    return isObject(line) ? line : null
  } catch {
    return null
  }
}

/** Writes JSON in which integers beyond 2^53 keep all digits. */
function textOf(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`)
    .join(',')}}`
}
