/** Compiles aggregations and windows to one feature for each pair, and finds the event columns to store. */
import type { Aggregation } from '../definition/aggregation.ts'
import type { ValueType } from '../definition/value-types.ts'
import { columnsOf } from '../expression/columns-of.ts'
import {
  type AggregatesPlan,
  type Column,
  type FeaturePlan,
  isReserved,
  type SourcePlan,
  type WindowPlan,
} from '../plan/plan.ts'
import { DAY_MS, usualTileMs } from '../semantics/window.ts'
import { byName } from '../text/by-name.ts'
import { isKindOfAggregation, madeType, TAKES } from './aggregation-types.ts'
import { type DiagnosticPath, show, unknownName } from './diagnostics/diagnostic-path.ts'
import { checkCase } from './fields/check-case.ts'
import { checkEventId } from './fields/check-event-id.ts'
import { checkDuration, checkOptionalText, elementsOf, entriesOf } from './fields/check-fields.ts'
import { checkFilter } from './fields/check-filter.ts'
import { checkColumnName } from './fields/check-names.ts'
import { declaredColumns } from './fields/declared-columns.ts'
import { checkAggregation } from './fields/options.ts'

type Fields = { readonly [P in keyof AggregateFields]?: unknown }
interface AggregateFields {
  readonly joinKeys: unknown
  readonly columns: unknown
  readonly eventId: unknown
  readonly aggregations: unknown
  readonly windows: unknown
  readonly tile: unknown
}

export interface AggregatesInput {
  readonly joinKeys: readonly Column[]
  /** Undefined: the source has a diagnostic, or it is another view. */
  readonly source: SourcePlan | undefined
  readonly isTransformed: boolean
}

export interface CompiledAggregates {
  readonly aggregates: AggregatesPlan
  readonly features: readonly FeaturePlan[]
}

export function compileAggregates(
  place: DiagnosticPath,
  declared: unknown,
  { joinKeys, source, isTransformed }: AggregatesInput,
): CompiledAggregates {
  const fields: Fields = Object(declared)
  const columns =
    fields.columns === undefined
      ? isTransformed
        ? []
        : (source?.columns ?? [])
      : declaredColumns(place.inside('columns'), fields.columns)
  checkCase(
    place.inside('columns'),
    columns.map(({ name }) => name),
  )
  if (columns.length === 0) place.inside('columns').report('columns-undeclared', 'nothing')
  const own = source?.kind === 'stream' && fields.eventId === undefined ? source.eventId : fields.eventId
  const spans = windowsOf(place, fields)
  const declarations = elementsOf(place.inside('aggregations'), fields.aggregations, 'aggregations')
  if (declarations.length === 0) place.report('no-features', 'the view')
  const windows = declarations.flatMap((one, i) => aggregationWindows(place, one, { i, columns, spans }))
  checkTwice(place, windows)
  const kept = new Set(
    windows.flatMap(({ column, where }) => [...(column === null ? [] : [column]), ...columnsOf(where)]),
  )
  const from = keysFrom(place.inside('joinKeys'), fields.joinKeys, { joinKeys, columns })
  return {
    aggregates: {
      keysFrom: from,
      eventId: checkEventId(place.inside('eventId'), own, columns),
      columns: byName(
        keptColumns(place, { columns: columns.filter(({ name }) => kept.has(name)), joinKeys, from }),
      ),
      windows: byName(windows.map(({ type: _, cleared: _cleared, ...window }) => window)),
    },
    features: byName(
      windows.map(({ name, type, cleared }) => ({
        name,
        type,
        description: '',
        pii: false,
        mask: null,
        cleared,
      })),
    ),
  }
}

function checkTwice(place: DiagnosticPath, windows: readonly WindowPlan[]): void {
  const seen = new Set<string>()
  for (const { name } of windows) {
    checkColumnName(place.inside(`feature ${name}`), name)
    if (seen.has(name))
      place
        .inside(`feature ${name}`)
        .report('column-clash', show(name), { remedy: 'give one of the aggregations another name with as' })
    seen.add(name)
  }
}

interface KeyInput {
  readonly joinKeys: readonly Column[]
  readonly columns: readonly Column[]
}

function keysFrom(
  place: DiagnosticPath,
  declared: unknown,
  { joinKeys, columns }: KeyInput,
): readonly string[] {
  const mapped = new Map(entriesOf(place, declared))
  for (const name of mapped.keys())
    if (!joinKeys.some(key => key.name === name))
      unknownName(
        place,
        name,
        joinKeys.map(key => key.name),
      )
  return joinKeys.map(({ name, type }) => {
    const from = String(mapped.get(name) ?? name)
    const column = columns.find(one => one.name === from)
    const within = place.inside(`join key ${name}`)
    if (column === undefined)
      within.report('join-key-missing', show(from), { allowed: columns.map(one => one.name).join(', ') })
    else if (column.type !== type)
      within.report('join-key-mismatch', `'${type}' in the entity and '${column.type}' in the events`)
    return from
  })
}

/** A column that is a join key of the same name is stored only as the join key. */
function keptColumns(
  place: DiagnosticPath,
  { columns, joinKeys, from }: KeyInput & { readonly from: readonly string[] },
): readonly Column[] {
  return columns.filter(({ name }) => {
    const within = place.inside(`column ${name}`)
    if (isReserved(name)) within.report('reserved-name', show(name))
    const key = joinKeys.findIndex(one => one.name === name)
    if (key >= 0 && from[key] !== name)
      within.report('column-clash', show(name), {
        remedy: 'it is a join key that another column is; rename one',
      })
    return key < 0
  })
}

interface Span {
  readonly text: string
  readonly windowMs: number
  readonly tileMs: number
}

/** 400 days. Longer windows would need the whole history. */
const MAX_WINDOW_MS = 400 * DAY_MS

function windowsOf(place: DiagnosticPath, fields: Fields): readonly Span[] {
  const within = place.inside('windows')
  const tileMs = fields.tile === undefined ? null : checkDuration(place.inside('tile'), fields.tile)
  if (tileMs !== null && (DAY_MS % tileMs !== 0 || tileMs % 1_000 !== 0))
    place.inside('tile').report('bad-tile', `${tileMs} ms`)
  const durations = elementsOf(within, fields.windows, 'durations')
  if (durations.length === 0) within.report('no-windows', 'the view')
  return durations.flatMap(duration => {
    const windowMs = checkDuration(within, duration)
    if (windowMs === null) return []
    const { text }: { readonly text?: unknown } = Object(duration)
    const tile = tileMs ?? usualTileMs(windowMs)
    if (windowMs < tile) within.report('window-below-tile', `${windowMs} ms, with tiles of ${tile} ms,`)
    if (windowMs > MAX_WINDOW_MS) within.report('window-too-long', `${windowMs} ms`)
    return [{ text: typeof text === 'string' ? text : `${windowMs}ms`, windowMs, tileMs: tile }]
  })
}

interface Typed extends WindowPlan {
  readonly type: ValueType
  /** The reason why it is not personal data; null: not cleared. */
  readonly cleared: string | null
}

interface AggregationInput {
  readonly i: number
  readonly columns: readonly Column[]
  readonly spans: readonly Span[]
}

function aggregationWindows(
  place: DiagnosticPath,
  value: unknown,
  { i, columns, spans }: AggregationInput,
): readonly Typed[] {
  const fields: { readonly [P in keyof Aggregation]?: unknown } = Object(value)
  const kind = fields.aggregation
  if (!isKindOfAggregation(kind)) {
    place.inside(`aggregation ${i + 1}`).report('wrong-kind', show(value), {
      allowed: `${Object.keys(TAKES).join(', ')} of a column, each made by the function of its name`,
    })
    return []
  }
  const as = String(fields.as)
  const within = place.inside(`aggregation ${as}`)
  checkAggregation(within, fields)
  const column = fields.column === undefined ? null : String(fields.column)
  const type = madeType(within, kind, { column, columns })
  const where = checkFilter(within.inside('where'), fields.where, columns)
  const n = kind === 'lastN' ? checkN(within, fields.n) : 0
  const cleared = checkOptionalText(within.inside('cleared'), fields.cleared)
  if (type === null) return []
  return spans.map(({ text, windowMs, tileMs }) => ({
    name: `${as}_${text}`,
    type,
    cleared,
    aggregation: kind,
    column,
    n,
    where,
    windowMs,
    tileMs,
  }))
}

const MAX_N = 100

function checkN(place: DiagnosticPath, n: unknown): number {
  if (typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= MAX_N) return n
  place.report('bad-count', show(n))
  return 1
}
