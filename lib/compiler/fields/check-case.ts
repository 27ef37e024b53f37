import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** Reports columns that differ only in case. Engines treat them as one column and read one of them for both. */
export function checkCase(place: DiagnosticPath, names: readonly (string | null)[]): void {
  const columns = new Set(names.filter(name => name !== null && name !== ''))
  const groups = Map.groupBy(columns, name => String(name).toLowerCase())
  for (const same of groups.values())
    if (same.length > 1) place.report('case-clash', same.map(show).join(' and '))
}
