/** The SQL of the example store for Athena and for DuckDB equals the reviewed SQL. */
import { expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { latestRows } from '../../lib/offline/materialize/latest-rows.ts'
import { pointInTimeJoin } from '../../lib/offline/training-set/point-in-time-join.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { type Dialect, duckdb, trino } from '../../lib/sql/dialect.ts'
import { definitions, golden } from '../golden/golden.ts'

const plan = compile(definitions)

function trainingSet(dialect: Dialect): string {
  const service = plan.services['departure_delay']
  if (service === undefined) throw new Error('the example has no service departure_delay')
  return pointInTimeJoin({
    dialect,
    plan,
    service,
    spine: 'spine',
    spineColumns: [...service.joinKeys.map(key => key.name), 'event_timestamp'],
    tables: Object.fromEntries(
      Object.values(plan.views).map(view => [view.key, `${view.name}_v${view.version}`]),
    ),
    bounds: { first: 1_357_000_000_000_000n, last: 1_388_000_000_000_001n },
    asKnown: true,
    asOf: 1_388_000_000_000_001n,
    ordered: true,
  })
}

it.each([duckdb, trino])(
  'the training set SQL of departure_delay for $name equals the reviewed one',
  dialect => {
    golden(`departure_delay.${dialect.name}.sql`, `${trainingSet(dialect)}\n`)
  },
)

it('the training set SQL differs between engines only in types, time arithmetic, and the ranges before the window function', () => {
  const shared = new Set(trainingSet(duckdb).split('\n'))
  const differing = trainingSet(trino)
    .split('\n')
    .filter(line => !shared.has(line))
  for (const line of differing)
    expect(line).toMatch(
      /timestamp\(6\)|interval '0\.001' second|_spans\b|\bquern_first\b|^ {2}from u\d_points/,
    )
})

it('the training set SQL uses no function that only one engine has', () => {
  expect(trainingSet(duckdb)).not.toMatch(/\basof join\b|qualify|group by all|\|\|/i)
})

it('the latest rows SQL of route_day equals the reviewed one', () => {
  golden(
    'route_day.sql',
    `${latestRows({ view: viewOf(plan, 'route_day@1'), rows: 'route_day_v1', to: 1_388_000_000_000_001n })}\n`,
  )
})
