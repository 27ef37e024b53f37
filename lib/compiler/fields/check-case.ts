import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** Notes columns that differ in case only: engines take them for one, and one of them is read for both. */
export function checkCase(place: DiagnosticPath, names: readonly (string | null)[]): void {
  const columns = new Set(names.filter(name => name !== null && name !== ''))
  const groups = Map.groupBy(columns, name => String(name).toLowerCase())
  for (const same of groups.values())
    if (same.length > 1) place.report('case-clash', same.map(show).join(' and '))
}
