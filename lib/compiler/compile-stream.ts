import { byName } from './by-name.ts'
import { checkStreamName } from './check-aws-names.ts'
import { checkCase } from './check-case.ts'
import { checkEventId } from './check-event-id.ts'
import { checkDuration, checkNamed, checkProse, checkText } from './check-fields.ts'
import { checkColumnName, checkName, isValueType } from './check-names.ts'
import { checkOptions } from './check-options.ts'
import { declaredColumns } from './compile-source.ts'
import { checkDefinition } from './options.ts'
import { type Place, show } from './place.ts'
import { type Column, isReserved, type StreamPlan } from './plan.ts'
import { isKind, type Unchecked } from './read-definitions.ts'
import { checkSelect } from './sql-text.ts'

const MINUTE_MS = 60_000

export function compileStream(place: Place, stream: Unchecked<'streamSource'>): StreamPlan {
  checkDefinition(place, stream, 'streamSource')
  const eventTimestamp = checkEventTimestamp(place.inside('eventTimestamp'), stream.eventTimestamp)
  const fields = declaredColumns(place.inside('schema'), stream.schema)
  for (const { name } of fields) checkColumnName(place.inside(`schema › ${name}`), name)
  if (fields.some(({ name }) => name === eventTimestamp))
    place.inside('schema').mistake('column-clash', show(eventTimestamp), {
      remedy: 'the event timestamp is a field of every event; leave it out of the schema',
    })
  const columns = byName([...fields, { name: eventTimestamp, type: 'timestamp' as const }])
  checkCase(place, [...new Set(columns.map(({ name }) => name))])
  return {
    kind: 'stream',
    name: checkName(place, stream.name),
    eventTimestamp,
    createdTimestamp: null,
    columns,
    pii: checkNamed(
      place.inside('pii'),
      stream.pii,
      columns.map(({ name }) => name),
    ),
    description: checkProse(place.inside('description'), stream.description),
    eventId: checkEventId(place.inside('eventId'), stream.eventId, fields).map(({ name: column }) => column),
    history: history(place.inside('history'), stream.history),
    stream: checkStreamName(place.inside('stream'), stream.stream),
    toleranceMs:
      stream.tolerance === undefined
        ? MINUTE_MS
        : (checkDuration(place.inside('tolerance'), stream.tolerance) ?? MINUTE_MS),
  }
}

/** Lines and tables have it beside the store's own columns, of which it may only be the one that it becomes. */
function checkEventTimestamp(place: Place, value: unknown): string {
  const name = checkText(place, value)
  if (name !== 'event_timestamp' && isReserved(name)) place.mistake('reserved-name', show(name))
  return name
}

function history(place: Place, declared: unknown): StreamPlan['history'] {
  if (declared === undefined) return null
  checkOptions(place, declared, ['source', 'query'])
  const { source, query }: { readonly source?: unknown; readonly query?: unknown } = Object(declared)
  if (!isKind('fileSource', source) && !isKind('tableSource', source)) {
    place.inside('source').mistake('wrong-kind', show(source), { allowed: 'a fileSource or a tableSource' })
    return null
  }
  return {
    source: String(source.name),
    query: query === undefined ? null : checkSelect(place.inside('query'), query, columnsOf(source.columns)),
  }
}

/** Declared columns of a source that is compiled by itself, where what is wrong with them is reported. */
const columnsOf = (declared: unknown): readonly Column[] =>
  Object.entries(Object(declared)).flatMap(([name, type]) => (isValueType(type) ? [{ name, type }] : []))
