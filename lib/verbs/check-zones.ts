import type { OfflineEngine } from '../runtime.ts'

/**
 * What is wrong with instants whose texts name a zone here and there, in words; null if nothing is.
 * @param sql see lib/offline/mixed-zones.ts
 */
export async function zoneFault(engine: OfflineEngine, sql: string | null): Promise<string | null> {
  const rows = sql === null ? [] : await engine.rows(sql)
  if (rows.length === 0) return null
  const each = rows.map(
    ({ quern_column: column, zoned, zoneless }) =>
      `column ${column}: ${zoned} texts name a zone and ${zoneless} do not`,
  )
  return `${each.join('; ')}, so that nobody can tell which zone those mean; write it into all of them (Z for UTC), or into none if all are UTC`
}
