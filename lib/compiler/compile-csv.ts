/** How a source's files of CSV are written. */
import { compareText } from './by-name.ts'
import { elementsOf } from './check-fields.ts'
import { checkOptions } from './check-options.ts'
import { type Place, show } from './place.ts'
import type { CsvDialect } from './plan.ts'

const DELIMITERS: readonly unknown[] = [',', ';', '\t', '|']

/** Null: as files of CSV are written without options, so that saying so changes no hash. */
export function compileCsv(place: Place, given: unknown, format: unknown): CsvDialect | null {
  if (given === undefined) return null
  if (typeof given !== 'object' || given === null || format !== 'csv') {
    const allowed = format === 'csv' ? '{ delimiter, nulls }' : `nothing, for files of format '${format}'`
    place.mistake('wrong-kind', show(given), { allowed })
    return null
  }
  checkOptions(place, given, ['delimiter', 'nulls'])
  const { delimiter = ',', nulls }: { readonly delimiter?: unknown; readonly nulls?: unknown } = given
  if (!DELIMITERS.includes(delimiter))
    place
      .inside('delimiter')
      .mistake('wrong-kind', show(delimiter), { allowed: DELIMITERS.map(show).join(', ') })
  const dialect = { delimiter: String(delimiter), nulls: nullsOf(place.inside('nulls'), nulls, delimiter) }
  return dialect.delimiter === ',' && dialect.nulls.length === 0 ? null : dialect
}

function nullsOf(place: Place, given: unknown, delimiter: unknown): readonly string[] {
  const texts = elementsOf(place, given, 'texts')
  for (const text of texts)
    if (typeof text !== 'string' || text === '' || /["\r\n]/.test(text) || text.includes(String(delimiter)))
      place.mistake('wrong-kind', show(text), {
        allowed:
          'a text that an unquoted field can be: not empty, without the delimiter, quotes and line breaks',
      })
  return [...new Set(texts.map(String))].sort(compareText)
}
