import type { Column, FileFormat, SourcePlan } from '../plan/plan.ts'
import { compileCsv } from './compile-csv.ts'
import { compileStream } from './compile-stream.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { checkTableNames } from './environment/check-aws-names.ts'
import { checkCase } from './fields/check-case.ts'
import { checkNamed, checkOptionalText, checkProse, checkText } from './fields/check-fields.ts'
import { checkName } from './fields/check-names.ts'
import { checkOptions } from './fields/check-options.ts'
import { declaredColumns } from './fields/declared-columns.ts'
import { checkDefinition } from './fields/options.ts'
import { canonicalSql } from './fields/sql-text.ts'
import { isKind, type Unchecked } from './read-definitions.ts'

type OwnSource = Unchecked<'fileSource' | 'tableSource' | 'streamSource'>

export function compileSource(place: DiagnosticPath, source: OwnSource): SourcePlan {
  if (isKind('streamSource', source)) return compileStream(place, source)
  checkDefinition(place, source, source.kind)
  const columns = declaredColumns(place.inside('columns'), source.columns)
  const common = {
    name: checkName(place, source.name),
    eventTimestamp: checkText(place.inside('eventTimestamp'), source.eventTimestamp),
    createdTimestamp: checkOptionalText(place.inside('createdTimestamp'), source.createdTimestamp),
    columns,
    pii: checkNamed(place.inside('pii'), source.pii, columns.map(nameOf)),
    description: checkProse(place.inside('description'), source.description),
  }
  const { eventTimestamp, createdTimestamp } = common
  checkCase(place.inside('columns'), [...columns.map(({ name }) => name), eventTimestamp, createdTimestamp])
  return isKind('fileSource', source)
    ? { kind: 'file', ...common, ...filePlace(place, source) }
    : { kind: 'table', ...common, ...tablePlace(place, source) }
}

const nameOf = ({ name }: Column): string => name

function filePlace(place: DiagnosticPath, source: Unchecked<'fileSource'>) {
  const path = checkText(place.inside('path'), source.path)
  const format = source.format ?? formatOf(path)
  const csv = compileCsv(place.inside('csv'), source.csv, format)
  if (isFormat(format)) return { path, format, ...(csv === null ? {} : { csv }) }
  if (path !== '' || source.format !== undefined)
    place.inside('format').report('bad-format', show(source.format ?? path))
  return { path, format: 'parquet' as const }
}

const FORMATS = {
  parquet: /\.parquet$/i,
  csv: /\.csv(\.(gz|zst))?$/i,
  jsonl: /\.(jsonl|ndjson)(\.(gz|zst))?$/i,
} as const satisfies Record<FileFormat, RegExp>

const isFormat = (value: unknown): value is FileFormat =>
  typeof value === 'string' && Object.hasOwn(FORMATS, value)

const formatOf = (path: string): string | undefined =>
  Object.entries(FORMATS).find(([, ending]) => ending.test(path))?.[0]

function tablePlace(place: DiagnosticPath, source: Unchecked<'tableSource'>) {
  return {
    ...checkTableNames(place, source),
    local: standIn(place.inside('local'), source.local),
  }
}

function standIn(
  place: DiagnosticPath,
  local: unknown,
): { readonly folder: string } | { readonly query: string } {
  checkOptions(place, local, ['folder', 'query'])
  const { folder, query }: { readonly folder?: unknown; readonly query?: unknown } = Object(local)
  if ((folder === undefined) === (query === undefined))
    place.report('wrong-kind', show(local), { allowed: '{ folder } or { query }' })
  else if (query !== undefined) return { query: canonicalSql(checkText(place.inside('query'), query)) }
  return { folder: folder === undefined ? '' : checkText(place.inside('folder'), folder) }
}
