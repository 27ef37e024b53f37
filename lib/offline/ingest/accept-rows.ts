/**
 * Converts the result of a view's transformation to rows of its offline table. Each value is converted, and each
 * failure is recorded with its column.
 */
import type { Column, ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { columnType, type Dialect, lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT, EVENT_ID, ROW_HASH, rowColumns, rowHash, tableColumns } from '../table.ts'
import { conversion, isText } from './conversion.ts'
import { mixedZones } from './mixed-zones.ts'
import { unstorable } from './storable-rows.ts'

/**
 * A column with the names of the columns in which a row fails, or the reason why it cannot be stored, as `,a,b,`.
 * Null if the row is valid.
 */
export const REFUSED = 'quern_refused'

/** A column, as the engine describes it. */
export interface FoundColumn {
  readonly name: string
  readonly type: string
}

/** A declared column that is missing, or whose type in the data has no value in common with the declared type. */
export interface SchemaMismatch {
  readonly column: string
  readonly declared: string
  /** The engine's type; null if there is no such column. */
  readonly found: string | null
}

/** A declared column, with its name and type in the source. */
export interface ArrivedColumn extends Column {
  /** Its name in the source. */
  readonly from: string
  /** Its engine type in the source. */
  readonly found: string
}

/** A column's converted value, under its name in the offline table. */
interface Accepted extends ArrivedColumn {
  /** True if the source column is text. */
  readonly isText: boolean
  readonly value: string
  readonly fails: string | null
}

/**
 * The columns that a view needs from its transformation: the name in the result, and the column of the offline table.
 */
const requiredColumns = (
  view: ViewPlan,
  hashed: boolean,
): readonly (Column & { readonly from: string })[] => [
  ...view.joinKeys.map(key => ({ ...key, from: key.name })),
  { name: EVENT, type: 'timestamp', from: view.eventTimestamp },
  ...(view.createdTimestamp === null
    ? []
    : [{ name: CREATED, type: 'timestamp', from: view.createdTimestamp } as const]),
  ...(hashed ? [{ name: ROW_HASH, type: 'string', from: ROW_HASH } as const] : []),
  ...rowColumns(view).map(column => ({ ...column, from: column.name })),
]

function convertAll(
  dialect: Dialect,
  columns: readonly (Column & { readonly from: string })[],
  found: readonly FoundColumn[],
): { readonly accepted: readonly Accepted[]; readonly misfits: readonly SchemaMismatch[] } {
  const types = new Map(found.map(column => [column.name.toLowerCase(), column.type]))
  const accepted: Accepted[] = []
  const misfits: SchemaMismatch[] = []
  for (const { name, type, from } of columns) {
    const foundType = types.get(from.toLowerCase()) ?? null
    const converted = foundType === null ? null : conversion(dialect, quote(from), foundType, type)
    if (foundType === null || converted === null)
      misfits.push({ column: from, declared: type, found: foundType })
    else accepted.push({ name, type, from, found: foundType, isText: isText(foundType), ...converted })
  }
  return { accepted, misfits }
}

/** SQL for the names of the columns in which a row fails: `,a,b,` or null. */
function refusal(columns: readonly Pick<Accepted, 'name' | 'fails'>[]): string {
  const parts = columns.flatMap(({ name, fails }) =>
    fails === null ? [] : [`case when ${fails} then '${name},' else '' end`],
  )
  return parts.length === 0 ? 'cast(null as varchar)' : `nullif(',' || ${parts.join(' || ')}, ',')`
}

const instantTexts = (columns: readonly Accepted[]): readonly string[] =>
  columns.filter(({ type, isText }) => type === 'timestamp' && isText).map(({ from }) => from)

/** The result: the SELECTs of the rows, or the columns that do not match the schema. */
export type Acceptance =
  | {
      /** All rows, each value in its declared type, and {@link REFUSED}. */
      readonly rows: string
      /** The invalid rows with their original values, and {@link REFUSED}. */
      readonly refused: string
      /** A query over the instants in text columns, see {@link mixedZones}. */
      readonly mixedZones: string | null
      /** The converted columns, with their names and types in the source. */
      readonly columns: readonly ArrivedColumn[]
    }
  | { readonly misfits: readonly SchemaMismatch[] }

const refusedRows = (rows: string, columns: readonly Pick<Accepted, 'name' | 'fails'>[]): string =>
  `select * from (\n  select t.*, ${refusal(columns)} as ${REFUSED} from ${rows} t\n) r where ${REFUSED} is not null`

export interface AcceptRowsInput {
  readonly dialect: Dialect
  readonly view: ViewPlan
  /** SQL that follows FROM: the result of the transformation. */
  readonly rows: string
  /** The columns of `rows`. */
  readonly found: readonly FoundColumn[]
  /** The created timestamp of rows whose source has none. */
  readonly created: Micros
  /** True if the rows already have row hashes, which do not depend on the batch. @default false */
  readonly hashed?: boolean
}

/** The rows, with the columns of the offline table. */
export function acceptRows(input: AcceptRowsInput): Acceptance {
  const { dialect, view, rows, found, created, hashed = false } = input
  const { accepted, misfits } = convertAll(dialect, requiredColumns(view, hashed), found)
  if (misfits.length > 0) return { misfits }
  const checked = [...accepted, ...unstorable(dialect, view, accepted)]
  const typed = accepted.map(({ name, value }) => `${value} as ${quote(name)}`)
  const createdByStore = `cast(${timestampLiteral(created)} as ${columnType(dialect, 'timestamp')}) as ${quote(CREATED)}`
  // The hash of an event only covers its id, because events with the same id are duplicates whatever their content.
  const hashedColumns = accepted.filter(({ name }) =>
    view.aggregates === null ? name !== ROW_HASH : name === EVENT_ID,
  )
  const ownHash = rowHash(dialect, hashedColumns, created)
  const hash = hashed ? `coalesce(${quote(ROW_HASH)}, ${ownHash})` : ownHash
  const select = tableColumns(view).map(({ name }) => {
    if (name === ROW_HASH) return `${hash} as ${quote(ROW_HASH)}`
    return name === CREATED && view.createdTimestamp === null ? createdByStore : quote(name)
  })
  const values = `select ${lines([...typed, `${refusal(checked)} as ${REFUSED}`], '    ')}\n  from ${rows} t`
  return {
    rows: `select ${lines([...select, REFUSED])}\nfrom (\n  ${values}\n) typed`,
    refused: refusedRows(rows, checked),
    mixedZones: mixedZones(dialect, instantTexts(accepted), rows),
    columns: accepted,
  }
}

/** Parquet has no 128-bit integer. A decimal keeps all digits. */
const unchanged = ({ name, type }: FoundColumn): string =>
  /^u?hugeint$/i.test(type) ? `cast(${quote(name)} as decimal(38, 0)) as ${quote(name)}` : quote(name)

export interface AcceptSourceInput {
  readonly dialect: Dialect
  /** The columns that the source declares. */
  readonly columns: readonly Column[]
  /** SQL that follows FROM: the source. */
  readonly rows: string
  readonly found: readonly FoundColumn[]
}

/** The rows of a source, with declared columns in their types and other columns unchanged. */
export function acceptSource({ dialect, columns, rows, found }: AcceptSourceInput): Acceptance {
  const asDeclared = columns.map(column => ({ ...column, from: column.name }))
  const { accepted, misfits } = convertAll(dialect, asDeclared, found)
  if (misfits.length > 0) return { misfits }
  // Engines compare column names without regard to case. The result has the declared spelling.
  const values = new Map(
    accepted.map(({ name, value }) => [name.toLowerCase(), `${value} as ${quote(name)}`]),
  )
  const select = found.map(column => values.get(column.name.toLowerCase()) ?? unchanged(column))
  return {
    rows: `select ${lines([...select, `${refusal(accepted)} as ${REFUSED}`])}\nfrom ${rows} s`,
    refused: refusedRows(rows, accepted),
    mixedZones: mixedZones(dialect, instantTexts(accepted), rows),
    columns: accepted,
  }
}
