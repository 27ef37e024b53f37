/**
 * Names of existing AWS resources, by the rules of their services. They become parts of ARNs, so a wildcard would match
 * other resources.
 */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { checkOptionalText } from '../fields/check-fields.ts'
import { checkOptionalSpelling, checkSpelling, type Spelling } from '../fields/check-settings.ts'

const STREAM: Spelling = {
  pattern: /^[\w.-]{1,128}$/,
  allowed: 'the name of a Kinesis stream: letters, digits and _ . - , up to 128, no ARN and no wildcard',
}
const CATALOG: Spelling = {
  pattern: /^[\w@/-]{1,256}$/,
  allowed: 'the name of an Athena data source: letters, digits and _ @ / - , up to 256, no wildcard',
}
const GLUE: Spelling = {
  pattern: /^(?!.*\.\.)[a-z0-9_@+=,.-]{1,255}$/,
  allowed: 'a name as Glue and Athena keep it: lower-case letters, digits and _ - . , up to 255, no wildcard',
}
/** The catalog of a federated database has its own rules. It is in no ARN and quoted in SQL. */
const FEDERATED: Spelling = {
  pattern: /^[^\p{C}*?`"]{1,255}$/u,
  allowed: 'a name of up to 255 characters, without wildcards, quotes and control characters',
}

export const checkStreamName = (place: DiagnosticPath, value: unknown): string | null =>
  checkOptionalSpelling(place, value, STREAM)

const GLUE_CATALOG = 'AwsDataCatalog'

interface TableNames {
  readonly catalog: string
  readonly database: string
  readonly table: string
}

export function checkTableNames(
  place: DiagnosticPath,
  source: Readonly<Partial<Record<keyof TableNames, unknown>>>,
): TableNames {
  const within = place.inside('catalog')
  const catalog = checkOptionalText(within, source.catalog) ?? GLUE_CATALOG
  if (catalog !== '') checkSpelling(within, catalog, CATALOG)
  if (catalog !== GLUE_CATALOG && catalog.toLowerCase() === GLUE_CATALOG.toLowerCase())
    within.report('bad-spelling', show(catalog), { allowed: GLUE_CATALOG })
  const spelling = catalog === GLUE_CATALOG ? GLUE : FEDERATED
  return {
    catalog,
    database: checkSpelling(place.inside('database'), source.database, spelling),
    table: checkSpelling(place.inside('table'), source.table, spelling),
  }
}
