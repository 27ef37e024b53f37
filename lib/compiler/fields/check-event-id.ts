import type { Column } from '../../plan/plan.ts'
import { type DiagnosticPath, show, unknownName } from '../diagnostics/diagnostic-path.ts'
import { elementsOf } from './check-fields.ts'

/** Types whose text is the same in every engine and in JavaScript. */
const IDENTIFYING: ReadonlySet<string> = new Set(['string', 'int32', 'int64', 'date', 'bool'])

/** The columns that identify an event, in declared order. */
export function checkEventId(
  place: DiagnosticPath,
  value: unknown,
  columns: readonly Column[],
): readonly Column[] {
  const names = [...new Set(elementsOf(place, value, 'names of columns'))]
  if (names.length === 0) place.report('no-event-id', show(value))
  return names.flatMap(name => {
    const column = columns.find(one => one.name === name)
    if (column === undefined) {
      unknownName(
        place,
        String(name),
        columns.map(one => one.name),
      )
      return []
    }
    if (IDENTIFYING.has(column.type)) return [column]
    place.inside(column.name).report('event-id-type', show(column.type))
    return []
  })
}
