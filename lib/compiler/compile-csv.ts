/** Compiles the CSV options of a source. */

import type { CsvDialect } from '../plan/plan.ts'
import { compareText } from '../text/by-name.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { elementsOf } from './fields/check-fields.ts'
import { checkOptions } from './fields/check-options.ts'

const DELIMITERS: readonly unknown[] = [',', ';', '\t', '|']

/** Null if the options equal the defaults, so that writing defaults out does not change a hash. */
export function compileCsv(place: DiagnosticPath, given: unknown, format: unknown): CsvDialect | null {
  if (given === undefined) return null
  if (typeof given !== 'object' || given === null || format !== 'csv') {
    const allowed = format === 'csv' ? '{ delimiter, nulls }' : `nothing, for files of format '${format}'`
    place.report('wrong-kind', show(given), { allowed })
    return null
  }
  checkOptions(place, given, ['delimiter', 'nulls'])
  const { delimiter = ',', nulls }: { readonly delimiter?: unknown; readonly nulls?: unknown } = given
  if (!DELIMITERS.includes(delimiter))
    place
      .inside('delimiter')
      .report('wrong-kind', show(delimiter), { allowed: DELIMITERS.map(show).join(', ') })
  const dialect = { delimiter: String(delimiter), nulls: nullsOf(place.inside('nulls'), nulls, delimiter) }
  return dialect.delimiter === ',' && dialect.nulls.length === 0 ? null : dialect
}

function nullsOf(place: DiagnosticPath, given: unknown, delimiter: unknown): readonly string[] {
  const texts = elementsOf(place, given, 'texts')
  for (const text of texts)
    if (typeof text !== 'string' || text === '' || /["\r\n]/.test(text) || text.includes(String(delimiter)))
      place.report('wrong-kind', show(text), {
        allowed:
          'a text that an unquoted field can be: not empty, without the delimiter, quotes and line breaks',
      })
  return [...new Set(texts.map(String))].sort(compareText)
}
