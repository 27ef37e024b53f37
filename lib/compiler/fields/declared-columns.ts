import type { Column } from '../../plan/plan.ts'
import { byName } from '../../text/by-name.ts'
import type { DiagnosticPath } from '../diagnostics/diagnostic-path.ts'
import { entriesOf } from './check-fields.ts'
import { checkType } from './check-names.ts'

/** The declared columns of a source or stream, sorted by name. Columns of unknown types are left out and reported. */
export const declaredColumns = (place: DiagnosticPath, columns: unknown): readonly Column[] =>
  byName(
    entriesOf(place, columns).flatMap(([name, declared]) => {
      const type = checkType(place.inside(name), declared)
      return type === null ? [] : [{ name, type }]
    }),
  )
