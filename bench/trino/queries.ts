/** The training set of a shape as quern and as Feast ask Trino for it. */

import { batches, icebergColumns, queryName } from '../../lib/offline/iceberg.ts'
import { pointInTimeJoin } from '../../lib/offline/training-set/point-in-time-join.ts'
import type { Plan, ViewPlan } from '../../lib/plan/plan.ts'
import { trino } from '../../lib/sql/dialect.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { runProgram } from '../child.ts'
import { featuresOf, TTL_DAYS, type ViewName } from '../data.ts'
import { SERVICE } from '../definitions.ts'
import { boundsMs, type Shape, SPINE_COLUMNS, spineTable, viewTable } from './data.ts'

/** One training set. */
export interface Question {
  readonly name: string
  readonly shape: Shape
  /** Of the shape's. */
  readonly views: readonly ViewName[]
  /** Does Feast look at created timestamps? quern does always; without them Feast has less to do. */
  readonly settlesTies: boolean
}

/** Rows, values, and a sum over them all: what both engines' rows must share. */
export const checksumOf = (sql: string, { views }: Question): string => {
  const columns = [...SPINE_COLUMNS, ...views.flatMap(view => featuresOf(view).map(({ name }) => name))]
  const present = columns.slice(SPINE_COLUMNS.length).map(name => `count(${name})`)
  return `select count(*), ${present.join(' + ')}, to_hex(checksum(row(${columns.join(', ')}))) from (\n${sql}\n) q`
}

export const viewsOf = (plan: Plan, names: readonly ViewName[]): readonly ViewPlan[] =>
  Object.values(plan.views).filter(view => names.some(name => name === view.name))

export function quernSql(plan: Plan, { shape, views: names }: Question): string {
  const views = viewsOf(plan, names)
  const service = findService(plan, SERVICE)
  const uses = service.uses.filter(use => views.some(view => view.key === use.view))
  const { first, last } = boundsMs(shape)
  return pointInTimeJoin({
    dialect: trino,
    plan,
    service: { ...service, uses },
    spine: queryName(spineTable(shape)),
    spineColumns: SPINE_COLUMNS,
    tables: Object.fromEntries(
      views.map(view => {
        const there = new Set(icebergColumns(view).map(({ name }) => name))
        return [view.key, batches(view, viewTable(view.name, shape), there, { to: shape.days })]
      }),
    ),
    bounds: { first: BigInt(first) * 1_000n, last: BigInt(last) * 1_000n },
  })
}

export function feastSql(python: string, { shape, views, settlesTies }: Question): Promise<string> {
  const { first, last } = boundsMs(shape)
  const { database, table } = spineTable(shape)
  const job = {
    catalog: 'iceberg',
    database,
    views: views.map(name => ({
      name,
      features: featuresOf(name),
      table: viewTable(name, shape).table,
    })),
    ttlDays: TTL_DAYS,
    created: settlesTies,
    spine: table,
    spineColumns: SPINE_COLUMNS,
    firstMs: first,
    lastMs: last,
  }
  const script = new URL('../peer/feast_athena_sql.py', import.meta.url).pathname
  return runProgram(python, ['-W', 'ignore', script, JSON.stringify(job)])
}
