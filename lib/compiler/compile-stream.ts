import { type Column, isReserved, type StreamPlan } from '../plan/plan.ts'
import { byName } from '../text/by-name.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { checkStreamName } from './environment/check-aws-names.ts'
import { checkCase } from './fields/check-case.ts'
import { checkEventId } from './fields/check-event-id.ts'
import { checkDuration, checkNamed, checkProse, checkText } from './fields/check-fields.ts'
import { checkColumnName, checkName, isValueType } from './fields/check-names.ts'
import { checkOptions } from './fields/check-options.ts'
import { declaredColumns } from './fields/declared-columns.ts'
import { checkDefinition } from './fields/options.ts'
import { checkSelect } from './fields/sql-text.ts'
import { isKind, type Unchecked } from './read-definitions.ts'

const MINUTE_MS = 60_000

export function compileStream(place: DiagnosticPath, stream: Unchecked<'streamSource'>): StreamPlan {
  checkDefinition(place, stream, 'streamSource')
  const eventTimestamp = checkEventTimestamp(place.inside('eventTimestamp'), stream.eventTimestamp)
  const fields = declaredColumns(place.inside('schema'), stream.schema)
  for (const { name } of fields) checkColumnName(place.inside(`schema › ${name}`), name)
  if (fields.some(({ name }) => name === eventTimestamp))
    place.inside('schema').report('column-clash', show(eventTimestamp), {
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

/**
 * Offline tables and push files store it next to the store's own columns, so it may only have the name of the column
 * that it becomes.
 */
function checkEventTimestamp(place: DiagnosticPath, value: unknown): string {
  const name = checkText(place, value)
  if (name !== 'event_timestamp' && isReserved(name)) place.report('reserved-name', show(name))
  return name
}

function history(place: DiagnosticPath, declared: unknown): StreamPlan['history'] {
  if (declared === undefined) return null
  checkOptions(place, declared, ['source', 'query'])
  const { source, query }: { readonly source?: unknown; readonly query?: unknown } = Object(declared)
  if (!isKind('fileSource', source) && !isKind('tableSource', source)) {
    place.inside('source').report('wrong-kind', show(source), { allowed: 'a fileSource or a tableSource' })
    return null
  }
  return {
    source: String(source.name),
    query: query === undefined ? null : checkSelect(place.inside('query'), query, columnsOf(source.columns)),
  }
}

/** Declared columns of a source. The compilation of the source itself reports their problems. */
const columnsOf = (declared: unknown): readonly Column[] =>
  Object.entries(Object(declared)).flatMap(([name, type]) => (isValueType(type) ? [{ name, type }] : []))
