/** Checks a spine against its service, and stages it once as a numbered file for the joins. */

import { acceptSource, REFUSED, type SchemaMismatch } from '../../offline/ingest/accept-rows.ts'
import { EVENT } from '../../offline/table.ts'
import { SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import {
  clashes,
  type EntityOfSpine,
  longKey,
  numbered,
  spineColumns,
} from '../../offline/training-set/spine.ts'
import type { Column } from '../../plan/plan.ts'
import type { EngineColumn, OfflineEngine } from '../../runtime.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { quote, timestampText } from '../../sql/dialect.ts'
import { MAX_KEY_BYTES } from '../../storable/row-bytes.ts'
import { StoreError } from '../../store-error.ts'
import { zoneFault } from '../ingest/check-zones.ts'
import { describeRefused } from '../ingest/refused-rows.ts'
import { type ContentContext, contentOf } from '../materialize/content.ts'
import type { OpenSpine } from './open-spine.ts'

/** A checked and staged spine. */
export interface PreparedSpine {
  /** The SQL after FROM that reads the spine's columns and `spine_row`. */
  readonly relation: string
  /** The spine's own columns, without added columns. */
  readonly columns: readonly EngineColumn[]
  /** The content hash of its rows, see lib/verbs/materialize/content.ts. */
  readonly content: string
  /** Null: no row has an event timestamp. */
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  readonly range: { readonly first: string | null; readonly last: string | null }
}

export interface PrepareSpineOptions {
  /** The columns that it must have. */
  readonly needs: readonly Column[]
  /** Names that its columns may not have, in lower case. */
  readonly taken: ReadonlySet<string>
  /** An additional column: an expression over the numbered rows. @default none */
  readonly added?: { readonly name: string; readonly expression: string } | null
  /** Whether its rows already have numbers in `spine_row`. @default false */
  readonly isNumbered?: boolean
  /** Entities whose keys must be storable. @default none: the keys were served or trained on before */
  readonly entities?: readonly EntityOfSpine[]
  /** The path of the staged file. */
  readonly scratch: string
}

/** @throws {StoreError} `spine-misfit` */
export async function prepareSpine(
  world: ContentContext,
  spine: OpenSpine,
  { needs, taken, added = null, isNumbered = false, entities = [], scratch }: PrepareSpineOptions,
): Promise<PreparedSpine> {
  const { engine } = world
  const columns = await engine.columns(`select * from ${spine.relation} s`).catch(failed(spine))
  const found = isNumbered ? columns.filter(({ name }) => name !== SPINE_ROW) : columns
  const clashing = clashes(found, taken)
  if (clashing.length > 0)
    throw misfit(
      spine,
      `column ${clashing.join(', ')} has a feature's name, or one that quern keeps for itself; rename it, or ask for full feature names`,
    )
  const accepted = acceptSource({
    dialect: engine.dialect,
    columns: needs,
    rows: spine.relation,
    found: columns,
  })
  if ('misfits' in accepted) throw misfit(spine, describeMisfits(accepted.misfits, found))
  const question = { sql: accepted.mixedZones, located: spine.located ?? null, isPersonal: personalIn(spine) }
  const fault = await zoneFault(engine, question).catch(failed(spine))
  if (fault !== null) throw misfit(spine, fault)
  const rows = isNumbered ? accepted.rows : numbered(`(${accepted.rows})`)
  const staged = added === null ? rows : withColumn(rows, added)
  const file = await engine.unload(staged, scratch, { compression: 'snappy' }).catch(failed(spine))
  if (file.rows === 0) throw misfit(spine, 'it has no rows; a training set needs at least one')
  const relation = engine.files([file.path], 'parquet')
  const own = spineColumns(needs, found)
  const range = await rangeOf(engine, spine, relation, needs)
  for (const entity of entities) await refuseLongKeys(engine, spine, { entity, relation })
  return { relation, columns: own, content: await contentOf(world, file, own), ...range }
}

/** Sorts the rows again, because a window function in the expression may change their order. */
const withColumn = (
  rows: string,
  { name, expression }: { readonly name: string; readonly expression: string },
) => `select s.*, ${expression} as ${quote(name)} from (${rows}) s order by ${SPINE_ROW}`

/** Null event timestamps are accepted; such rows read no features. Values of a wrong type are refused. */
async function rangeOf(engine: OfflineEngine, spine: OpenSpine, relation: string, needs: readonly Column[]) {
  const [row = {}] = await engine.rows(
    `select min(${quote(EVENT)}) as first, max(${quote(EVENT)}) as last, count_if(${REFUSED} is not null) as refused,
       min(case when ${REFUSED} is not null then ${SPINE_ROW} end) as refused_row
     from ${relation} s`,
  )
  if (Number(row['refused']) > 0)
    throw misfit(
      spine,
      `${row['refused']} rows are not of their types, the first of them row ${row['refused_row']}${await refusedValues(engine, spine, needs)}; correct them`,
    )
  const { first, last } = row
  if (typeof first !== 'bigint' || typeof last !== 'bigint')
    return { bounds: null, range: { first: null, last: null } }
  return { bounds: { first, last }, range: { first: timestampText(first), last: timestampText(last) } }
}

/** Refuses keys that cannot be stored: their features would be null, and the null would not show the reason. */
async function refuseLongKeys(
  engine: OfflineEngine,
  spine: OpenSpine,
  { entity, relation }: { readonly entity: EntityOfSpine; readonly relation: string },
): Promise<void> {
  const isLong = longKey(engine.dialect, entity)
  const [row = {}] = await engine.rows(
    `select count(*) as long, min(${SPINE_ROW}) as first_row from ${relation} s where ${isLong}`,
  )
  if (Number(row['long']) > 0)
    throw misfit(
      spine,
      `${row['long']} rows have an entity key of view ${entity.view.key} (${entity.joinKeys.map(({ from }) => from).join(', ')}) of more than ${MAX_KEY_BYTES} bytes, the first of them row ${row['first_row']}; correct them, or leave them out`,
    )
}

const personalIn =
  ({ isPersonal }: OpenSpine) =>
  (column: string): boolean =>
    isPersonal?.(column) ?? true

/** Describes the refused values, with file and line if the spine is a file. */
async function refusedValues(
  own: OfflineEngine,
  spine: OpenSpine,
  columns: readonly Column[],
): Promise<string> {
  const { engine, relation: rows } = (await spine.located?.()) ?? { engine: own, relation: spine.relation }
  const found = await engine.columns(`select * from ${rows} s`)
  const accepted = acceptSource({ dialect: engine.dialect, columns, rows, found })
  if ('misfits' in accepted) return ''
  const batch = { ...accepted, rows: `(${accepted.rows})`, isLocated: spine.located !== undefined }
  return `: ${await describeRefused(engine, batch, { keys: columns.map(({ name }) => name), isPersonal: personalIn(spine) })}`
}

const describeMisfits = (misfits: readonly SchemaMismatch[], found: readonly EngineColumn[]): string =>
  `${misfits
    .map(({ column, declared, found: type }) =>
      type === null
        ? `column ${column} (${declared}) is missing`
        : `column ${column} is ${type}, not ${declared}`,
    )
    .join('; ')}; there is: ${found.map(({ name, type }) => `${name} ${type}`).join(', ')}`

const failed = (spine: OpenSpine) => (error: unknown) => {
  // The spine did not cause this error; an example is a full disk.
  if (error instanceof StoreError) throw error
  throw misfit(spine, `its query failed: ${error instanceof Error ? error.message : error}`, error)
}

const misfit = (spine: OpenSpine, what: string, cause?: unknown): StoreError =>
  new StoreError('spine-misfit', `spine (${spine.label}): ${what}`, { cause })
