/** From a view's transformation to rows of its offline table: each value converted, each failure named. */
import type { Column, ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { columnType, type Dialect, lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT, EVENT_ID, ROW_HASH, rowColumns, rowHash, tableColumns } from '../table.ts'
import { conversion, isText } from './conversion.ts'
import { mixedZones } from './mixed-zones.ts'
import { unstorable } from './storable-rows.ts'

/** Column that names, between commas, the columns in which a row fails, or why it cannot be stored; null if it fails in none. */
export const REFUSED = 'quern_refused'

/** A column as the engine found it. */
export interface FoundColumn {
  readonly name: string
  readonly type: string
}

/** A declared column that the rows lack, or have in a type from which none of its values can come. */
export interface SchemaMismatch {
  readonly column: string
  readonly declared: string
  /** Null: there is no such column. */
  readonly found: string | null
}

/** A column as it is declared, and as it came. */
export interface ArrivedColumn extends Column {
  /** Its name where it comes from. */
  readonly from: string
  /** The engine's type of it there. */
  readonly found: string
}

/** A column's value in its declared type, under its own name or a new one. */
interface Accepted extends ArrivedColumn {
  /** It comes as text. */
  readonly isText: boolean
  readonly value: string
  readonly fails: string | null
}

/** What a view needs of its transformation's result: its name there, and the column it becomes. */
const wanted = (view: ViewPlan, hashed: boolean): readonly (Column & { readonly from: string })[] => [
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

/** Which columns a row fails in, as text: `,a,b,` or null. */
function refusal(columns: readonly Pick<Accepted, 'name' | 'fails'>[]): string {
  const parts = columns.flatMap(({ name, fails }) =>
    fails === null ? [] : [`case when ${fails} then '${name},' else '' end`],
  )
  return parts.length === 0 ? 'cast(null as varchar)' : `nullif(',' || ${parts.join(' || ')}, ',')`
}

const instantTexts = (columns: readonly Accepted[]): readonly string[] =>
  columns.filter(({ type, isText }) => type === 'timestamp' && isText).map(({ from }) => from)

/** What becomes of rows: two SELECTs; or the columns that do not fit at all. */
export type Acceptance =
  | {
      /** All rows, each value in its declared type, and {@link REFUSED}. */
      readonly rows: string
      /** The rows that fail, just as they came, and {@link REFUSED}. */
      readonly refused: string
      /** Of instants that come as text, see {@link mixedZones}. */
      readonly mixedZones: string | null
      /** The columns, and as what and under which names they came. */
      readonly columns: readonly ArrivedColumn[]
    }
  | { readonly misfits: readonly SchemaMismatch[] }

const refusedRows = (rows: string, columns: readonly Pick<Accepted, 'name' | 'fails'>[]): string =>
  `select * from (\n  select t.*, ${refusal(columns)} as ${REFUSED} from ${rows} t\n) r where ${REFUSED} is not null`

export interface AcceptRowsInput {
  readonly dialect: Dialect
  readonly view: ViewPlan
  /** SQL that stands after FROM: the transformation's result. */
  readonly rows: string
  /** Its columns. */
  readonly found: readonly FoundColumn[]
  /** Created timestamp of rows whose source has none. */
  readonly created: Micros
  /** Do the rows bring hashes of their own, which are the same in whichever batch they come? @default false */
  readonly hashed?: boolean
}

/** The rows as the offline table has them. */
export function acceptRows(input: AcceptRowsInput): Acceptance {
  const { dialect, view, rows, found, created, hashed = false } = input
  const { accepted, misfits } = convertAll(dialect, wanted(view, hashed), found)
  if (misfits.length > 0) return { misfits }
  const checked = [...accepted, ...unstorable(dialect, view, accepted)]
  const typed = accepted.map(({ name, value }) => `${value} as ${quote(name)}`)
  const createdByStore = `cast(${timestampLiteral(created)} as ${columnType(dialect, 'timestamp')}) as ${quote(CREATED)}`
  // An event is the same whatever else it says.
  const told = accepted.filter(({ name }) =>
    view.aggregates === null ? name !== ROW_HASH : name === EVENT_ID,
  )
  const ownHash = rowHash(dialect, told, created)
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

/** Parquet has no integer of 128 bits; as a decimal it keeps its digits. */
const asItIs = ({ name, type }: FoundColumn): string =>
  /^u?hugeint$/i.test(type) ? `cast(${quote(name)} as decimal(38, 0)) as ${quote(name)}` : quote(name)

export interface AcceptSourceInput {
  readonly dialect: Dialect
  /** The columns that the source declares. */
  readonly columns: readonly Column[]
  /** SQL that stands after FROM: the source. */
  readonly rows: string
  readonly found: readonly FoundColumn[]
}

/** A source's rows, declared columns in their types, all others as they are. */
export function acceptSource({ dialect, columns, rows, found }: AcceptSourceInput): Acceptance {
  const asDeclared = columns.map(column => ({ ...column, from: column.name }))
  const { accepted, misfits } = convertAll(dialect, asDeclared, found)
  if (misfits.length > 0) return { misfits }
  // Engines know columns without regard to case; what is declared comes out as it is declared.
  const values = new Map(
    accepted.map(({ name, value }) => [name.toLowerCase(), `${value} as ${quote(name)}`]),
  )
  const select = found.map(column => values.get(column.name.toLowerCase()) ?? asItIs(column))
  return {
    rows: `select ${lines([...select, `${refusal(accepted)} as ${REFUSED}`])}\nfrom ${rows} s`,
    refused: refusedRows(rows, accepted),
    mixedZones: mixedZones(dialect, instantTexts(accepted), rows),
    columns: accepted,
  }
}
