/** Checks a spine against its service and lays it down once, numbered, for the joins to read. */
import type { ServicePlan } from '../compiler/plan.ts'
import { acceptSource, type Misfit, REFUSED } from '../offline/accept-rows.ts'
import { quote, timestampText } from '../offline/dialect.ts'
import { SPINE_ROW } from '../offline/point-in-time-join.ts'
import { clashes, numbered, spineColumns, spineNeeds } from '../offline/spine.ts'
import { EVENT } from '../offline/table.ts'
import type { Micros } from '../point-in-time.ts'
import type { EngineColumn, OfflineEngine } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import type { OpenSpine } from './open-spine.ts'

/** A spine that fits. */
export interface PreparedSpine {
  /** SQL that stands after FROM; has the spine's columns and `spine_row`. */
  readonly relation: string
  /** The spine's own columns. */
  readonly columns: readonly EngineColumn[]
  /** Null: no row has an event timestamp. */
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  readonly range: { readonly first: string | null; readonly last: string | null }
}

export interface PrepareSpineOptions {
  /** The file to lay it down in. */
  readonly scratch: string
  readonly fullNames: boolean
}

/** @throws {StoreError} `spine-misfit` */
export async function prepareSpine(
  engine: OfflineEngine,
  service: ServicePlan,
  spine: OpenSpine,
  { scratch, fullNames }: PrepareSpineOptions,
): Promise<PreparedSpine> {
  const found = await engine.columns(`select * from ${spine.relation} s`).catch(error => {
    throw misfit(spine, `its query failed: ${error instanceof Error ? error.message : error}`, error)
  })
  const taken = clashes(service, found, fullNames)
  if (taken.length > 0)
    throw misfit(
      spine,
      `column ${taken.join(', ')} has a feature's name, or one that quern keeps for itself; rename it, or ask for full feature names`,
    )
  const accepted = acceptSource({
    dialect: engine.dialect,
    columns: spineNeeds(service),
    rows: spine.relation,
    found,
  })
  if ('misfits' in accepted) throw misfit(spine, describeMisfits(accepted.misfits, found))
  const file = await engine.unload(numbered(`(${accepted.rows})`), scratch, { compression: 'snappy' })
  if (file.rows === 0) throw misfit(spine, 'it has no rows; a training set needs at least one')
  const relation = engine.files([file.path], 'parquet')
  return { relation, columns: spineColumns(service, found), ...(await rangeOf(engine, spine, relation)) }
}

/** Null event timestamps are taken (nothing is visible from them); values of a wrong type are not. */
async function rangeOf(engine: OfflineEngine, spine: OpenSpine, relation: string) {
  const [row = {}] = await engine.rows(
    `select min(${quote(EVENT)}) as first, max(${quote(EVENT)}) as last, count_if(${REFUSED} is not null) as refused,
       min(case when ${REFUSED} is not null then ${SPINE_ROW} end) as refused_row, max(${REFUSED}) as refused_columns
     from ${relation} s`,
  )
  if (Number(row['refused']) > 0)
    throw misfit(
      spine,
      `${row['refused']} rows are not of their types, the first of them row ${row['refused_row']}; columns such as ${String(row['refused_columns']).slice(1, -1)}; correct them`,
    )
  const { first, last } = row
  if (typeof first !== 'bigint' || typeof last !== 'bigint')
    return { bounds: null, range: { first: null, last: null } }
  return { bounds: { first, last }, range: { first: timestampText(first), last: timestampText(last) } }
}

const describeMisfits = (misfits: readonly Misfit[], found: readonly EngineColumn[]): string =>
  `${misfits
    .map(({ column, declared, found: type }) =>
      type === null
        ? `column ${column} (${declared}) is missing`
        : `column ${column} is ${type}, not ${declared}`,
    )
    .join('; ')}; there is: ${found.map(({ name, type }) => `${name} ${type}`).join(', ')}`

const misfit = (spine: OpenSpine, what: string, cause?: unknown): StoreError =>
  new StoreError('spine-misfit', `spine (${spine.label}): ${what}`, { cause })
