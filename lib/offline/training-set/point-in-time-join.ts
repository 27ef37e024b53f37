/**
 * The point-in-time join: for each spine row, the visible row of each view.
 *
 * For each view reference, only keys and timestamps go through a window function. Its input is the union of the
 * spine's points and the view's rows, ordered by time, and it computes the running maximum of the event timestamps.
 * On engines where the window function is expensive (Trino), only rows that a point of their entity can reach take
 * part. The join then reads the winning rows by key and event timestamp, and resolves ties only among them. The cost
 * grows with spine plus history, not with their product, for any number of rows per entity.
 */
import {
  type Plan,
  type ServiceColumn,
  type ServicePlan,
  type ViewPlan,
  type ViewRef,
  viewOf,
} from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import { FIRST, type Micros } from '../../semantics/point-in-time.ts'
import { columnType, type Dialect, lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT } from '../table.ts'
import { columnOf, couldBeVisible, createdBy, equal, winnerFirst } from '../visible-rows.ts'
import { PAIRS_PER_MARK } from '../windows/density.ts'
import { windowTables } from '../windows/window-join.ts'
import { derivedSelect } from './derived-select.ts'

/** The column that numbers the spine rows in order of arrival. */
export const SPINE_ROW = 'spine_row'

export interface PointInTimeJoinInput {
  readonly dialect: Dialect
  readonly plan: Pick<Plan, 'views'>
  readonly service: ServicePlan
  /**
   * SQL that follows FROM: the spine, with {@link SPINE_ROW}, the join keys and request values of the service, and
   * `event_timestamp`.
   */
  readonly spine: string
  /** Columns of the spine to include in the result, in their order. */
  readonly spineColumns: readonly string[]
  /** SQL that follows FROM for each view: its offline table. */
  readonly tables: Readonly<Record<string, string>>
  /** Hides rows created later. @default null: nothing is hidden */
  readonly asOf?: Micros | null
  /** Hides, for each spine row, rows created after its instant. @default false */
  readonly asKnown?: boolean
  /** Names every feature `view__feature`. @default false */
  readonly fullNames?: boolean
  /** Orders the result as the spine is ordered. @default false: any order */
  readonly ordered?: boolean
  /** The first and last instant of the spine, so that engines read only the days that matter. @default unknown */
  readonly bounds?: { readonly first: Micros; readonly last: Micros } | null
  /** See lib/offline/windows/density.ts. With 0, all sums use running totals. @default the measured value */
  readonly pairsPerMark?: number
}

/** One view reference, with the names that its clauses use. */
interface Use {
  readonly use: ViewRef
  readonly view: ViewPlan
  /** Prefix of the names of this reference's tables: `u1`, `u2`, … */
  readonly prefix: string
  /**
   * The key columns: `key` in this reference's tables (`quern_k1`, `quern_k2`, …), `from` in the spine, `column` in
   * the view.
   */
  readonly keys: readonly { readonly key: string; readonly from: string; readonly column: string }[]
  readonly table: string
}

/** The SELECT whose rows are the training set. */
export const pointInTimeJoin = (input: PointInTimeJoinInput): string =>
  input.service.derived.length === 0 ? featuresJoin(input) : derivedJoin(input)

function derivedJoin(input: PointInTimeJoinInput): string {
  const { dialect, service, spineColumns, ordered = false, fullNames = false } = input
  const read = { ...service, uses: viewRefsRead(service), inputs: [], derived: [] }
  const needed = [...(ordered ? [SPINE_ROW] : []), ...service.request.map(({ name }) => name)]
  const rows = featuresJoin({
    ...input,
    service: read,
    spineColumns: [...new Set([...spineColumns, ...needed])],
    ordered: false,
  })
  const nameOf = (column: ServiceColumn): string => (fullNames ? column.fullName : column.name)
  return derivedSelect({
    dialect,
    service: { uses: read.uses, derived: service.derived },
    rows,
    nameOf,
    columns: [...spineColumns, ...service.uses.flatMap(use => use.features).map(nameOf)],
    order: ordered ? SPINE_ROW : null,
  })
}

function featuresJoin(input: PointInTimeJoinInput): string {
  const uses = input.service.uses.map((use, i) => prepare(input, use, i))
  const ctes = [
    `spine as (\n  select * from ${input.spine} s\n)`,
    ...uses.flatMap(use => useTables(input, use)),
  ]
  const columns = [
    ...input.spineColumns.map(name => columnOf('spine', name)),
    ...uses.flatMap(({ use, prefix }) =>
      use.features.map(
        f =>
          `${columnOf(rowsOf(prefix), f.feature)} as ${quote(input.fullNames === true ? f.fullName : f.name)}`,
      ),
    ),
  ]
  // The name is unqualified: if the result has a column named `spine`, Trino reads `spine.spine_row` as a field of
  // it.
  const order = input.ordered === true ? `\norder by ${quote(SPINE_ROW)}` : ''
  return `with ${ctes.join(',\n')}\nselect ${lines(columns)}\nfrom spine${uses.map(joinRows).join('')}${order}`
}

function prepare(input: PointInTimeJoinInput, use: ViewRef, i: number): Use {
  const table = input.tables[use.view]
  if (table === undefined) throw new Error(`no table is given for view '${use.view}'`)
  const keys = use.joinKeys.map(({ name, from }, k) => ({ key: `quern_k${k + 1}`, from, column: name }))
  return { use, view: viewOf(input.plan, use.view), prefix: `u${i + 1}`, keys, table }
}

const rowsOf = (prefix: string): string => `${prefix}_rows`

const joinRows = ({ prefix, keys, view }: Use): string => {
  const rows = rowsOf(prefix)
  const pairs = [...keys.map(k => [k.from, k.key] as const), [EVENT, 'quern_moment'] as const]
  const winner = view.aggregates === null ? ` and ${rows}.quern_place = 1` : ''
  return `\nleft join ${rows} on ${equal('spine', rows, pairs)}${winner}`
}

const useTables = (input: PointInTimeJoinInput, use: Use): readonly string[] =>
  use.view.aggregates === null
    ? [points(use), ...newestTables(input, use)]
    : [points(use), ...windows(input, use)]

const windows = (input: PointInTimeJoinInput, { keys, ...use }: Use): readonly string[] =>
  windowTables({
    ...use,
    keys,
    dialect: input.dialect,
    asOf: input.asOf ?? null,
    asKnown: input.asKnown ?? false,
    bounds: input.bounds ?? null,
    pairsPerMark: input.pairsPerMark ?? PAIRS_PER_MARK,
  })

const newestTables = (input: PointInTimeJoinInput, use: Use): readonly string[] => [
  ...(input.dialect.joinsBeforeWindow ? [spans(use)] : []),
  marks(input, use),
  seen(use),
  newest(input, use),
  rows(input, use),
]

/** The distinct pairs of entity and instant in the spine. */
function points({ prefix, keys }: Use): string {
  const columns = [
    ...keys.map(k => `${columnOf('spine', k.from)} as ${k.key}`),
    `${columnOf('spine', EVENT)} as quern_moment`,
  ]
  const present = [...keys.map(k => k.from), EVENT].map(name => `${columnOf('spine', name)} is not null`)
  return `${prefix}_points as (
  select distinct ${columns.join(', ')}
  from spine where ${present.join(' and ')}
)`
}

/** The first and last instant of each entity. Rows outside this range do not reach the window function. */
function spans({ prefix, keys }: Use): string {
  const key = keys.map(k => k.key).join(', ')
  return `${prefix}_spans as (
  select ${key}, min(quern_moment) as quern_first, max(quern_moment) as quern_last
  from ${prefix}_points group by ${key}
)`
}

/** The points and the rows in one table. The instant of a row is the one from which it is visible. */
function marks(input: PointInTimeJoinInput, use: Use): string {
  const { prefix, keys, view, table } = use
  const event = columnOf('f', EVENT)
  const created = columnOf('f', CREATED)
  const visibleFrom =
    input.asKnown === true
      ? `case when ${created} is null or ${created} < ${event} then ${event} else ${created} end`
      : event
  const where = [...couldBeVisible(view, input.asOf ?? null, 'f'), ...withinBounds(input, view)]
  const from = input.dialect.joinsBeforeWindow ? `${table} f ${joinSpans(input, use)}` : `${table} f`
  return `${prefix}_marks as (
  select ${keys.map(k => k.key).join(', ')}, quern_moment, cast(null as ${columnType(input.dialect, 'timestamp')}) as event from ${prefix}_points
  union all
  select ${keys.map(k => columnOf('f', k.column)).join(', ')}, ${visibleFrom}, ${event}
  from ${from} where ${where.join(' and ')}
)`
}

function joinSpans({ dialect }: PointInTimeJoinInput, { prefix, keys, view }: Use): string {
  const pairs = keys.map(k => [k.column, k.key] as const)
  const event = columnOf('f', EVENT)
  const on = [equal('f', 's', pairs), `${event} <= s.quern_last`]
  if (view.ttlMs !== null) on.push(`${event} >= ${dialect.minusMs('s.quern_first', view.ttlMs)}`)
  return `join ${prefix}_spans s on ${on.join(' and ')}`
}

/** Literal bounds, so that an engine can skip partitions and files. */
function withinBounds({ bounds = null }: PointInTimeJoinInput, view: ViewPlan): readonly string[] {
  if (bounds === null) return []
  const last = `${columnOf('f', EVENT)} <= ${timestampLiteral(bounds.last)}`
  if (view.ttlMs === null) return [last]
  const first = bounds.first - BigInt(view.ttlMs) * 1_000n
  if (first < FIRST) return [last]
  return [last, `${columnOf('f', EVENT)} >= ${timestampLiteral(first)}`]
}

/** The frame is RANGE, so a row whose instant equals that of a point is visible at the point. */
function seen({ prefix, keys }: Use): string {
  const key = keys.map(k => k.key).join(', ')
  return `${prefix}_seen as (
  select ${key}, quern_moment, event, max(event) over (partition by ${key} order by quern_moment) as newest
  from ${prefix}_marks
)`
}

function newest({ dialect }: PointInTimeJoinInput, { prefix, keys, view }: Use): string {
  const ttl = view.ttlMs === null ? '' : ` and newest >= ${dialect.minusMs('quern_moment', view.ttlMs)}`
  return `${prefix}_newest as (
  select ${keys.map(k => k.key).join(', ')}, quern_moment, newest
  from ${prefix}_seen where event is null and newest is not null${ttl}
)`
}

/**
 * The winning rows, ranked among those that share key and event timestamp. The history is on the left side of the
 * join: if Trino does not know the sizes, it holds the right side in memory.
 */
function rows(input: PointInTimeJoinInput, { prefix, keys, view, use, table }: Use): string {
  const key = [...keys.map(k => `n.${k.key}`), 'n.quern_moment']
  const features = [...new Set(use.features.map(f => f.feature))].map(name => columnOf('f', name))
  const pairs = [...keys.map(k => [k.column, k.key] as const), [EVENT, 'newest'] as const]
  const on = [
    equal('f', 'n', pairs),
    ...(input.asOf == null ? [] : couldBeVisible(view, input.asOf, 'f').slice(-1)),
    ...(input.asKnown === true ? [createdBy('f', 'n.quern_moment')] : []),
    ...withinBounds(input, view),
  ]
  return `${rowsOf(prefix)} as (
  select ${[...key, ...features].join(', ')},
    row_number() over (partition by ${key.join(', ')} order by ${winnerFirst('f')}) as quern_place
  from ${table} f join ${prefix}_newest n on ${on.join(' and ')}
)`
}
