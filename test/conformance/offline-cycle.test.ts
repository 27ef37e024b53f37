/** The whole offline cycle on Iceberg with quern's adapters, from table creation to maintenance. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureService, featureView, fileSource, hours } from '../../lib/definition/index.ts'
import type { Value, ValueType } from '../../lib/definition/value-types.ts'
import { compact, expireSnapshots, partName, queryName, tableOf } from '../../lib/offline/iceberg.ts'
import { REFUSED } from '../../lib/offline/ingest/accept-rows.ts'
import { newRows } from '../../lib/offline/ingest/new-rows.ts'
import { latestRows } from '../../lib/offline/materialize/latest-rows.ts'
import { tableColumns } from '../../lib/offline/table.ts'
import { pointInTimeJoin } from '../../lib/offline/training-set/point-in-time-join.ts'
import type { Plan, ViewPlan } from '../../lib/plan/plan.ts'
import type { Batch } from '../../lib/runtime.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

const HOUR = 3_600_000_000n
/** 2024-01-01T00:00:00Z */
const START = 1_704_067_200_000_000n
const at = (hour: number): bigint => START + BigInt(hour) * HOUR

interface Defined {
  readonly plan: Plan
  readonly view: ViewPlan
}

function define(name: string, features: Readonly<Record<string, ValueType>>): Defined {
  const device = entity({ name: 'device', joinKeys: { device_id: 'string' } })
  const source = fileSource({
    name: 'readings',
    path: 'readings.parquet',
    eventTimestamp: 'event_timestamp',
    createdTimestamp: 'created_timestamp',
  })
  const view = featureView({ name, entities: [device], source, features, ttl: hours(24) })
  const plan = compile([featureService({ name: 'service', features: [view] })])
  const only = Object.values(plan.views)[0]
  if (only === undefined) throw new Error('there is no view')
  return { plan, view: only }
}

/** A batch as ingest creates it: only rows that the table does not have. Rows follow the order of the table's columns. */
const batchOf = (id: string, view: ViewPlan, rows: readonly (readonly Value[])[]): Batch => {
  const columns = [...tableColumns(view), { name: REFUSED, type: 'string' } as const]
  const select = rowsSelect(
    world.engine.dialect,
    columns,
    rows.map(row => [...row, null]),
  )
  return {
    id,
    created: 0n,
    rows: table => newRows({ view, batch: `(${select})`, table: table.rows === 0 ? null : table.relation }),
  }
}

/** 18 digits of the row's arrival, 16 of its content. */
const rowHash = (content: bigint): string => content.toString(16).padStart(34, '0')

const reading = (device: string, event: number, created: number, value: bigint): readonly Value[] => [
  device,
  at(event),
  at(created),
  rowHash(value),
  value,
]

/** Rows of a relation as `device@hour=value`, in order. */
async function contents(relation: string): Promise<readonly string[]> {
  const rows = await world.engine.rows(
    `select "device_id", "event_timestamp", "value" from ${relation} r order by 1, 2, 3`,
  )
  return rows
    .map(
      row => `${row['device_id']}@${(BigInt(String(row['event_timestamp'])) - START) / HOUR}=${row['value']}`,
    )
    .sort()
}

const nameOf = (view: ViewPlan) => ({ database: world.database, table: tableOf(view) })

describe('a table of readings', () => {
  const { plan, view } = define('readings', { value: 'int64' })
  const evolved = define('readings', { value: 'int64', note: 'array<string>', unit: 'string' })
  const FIRST = ['a@0=1', 'a@2=2', 'b@1=10']
  const SECOND = [...FIRST, 'a@2=3', 'b@40=11'].sort()
  const seen: { snapshot: string; committed: string } = { snapshot: '', committed: '' }

  it('is empty before the first batch, with or without a table', async () => {
    const before = await world.offline.table(view)
    expect(before).toMatchObject({ id: '', sequence: 0, rows: 0, batch: null, newest: null })
    expect(await contents(before.relation)).toEqual([])
    await world.offline.prepare(view)
    await world.offline.prepare(view)
    expect(await world.offline.table(view)).toMatchObject({ id: '', sequence: 0, rows: 0 })
  })

  it('accepts a batch', async () => {
    const rows = [reading('a', 0, 0, 1n), reading('a', 2, 2, 2n), reading('b', 1, 1, 10n)]
    expect(await world.offline.append(view, batchOf('first', view, rows))).toBe(3)
    const table = await world.offline.table(view)
    expect(table).toMatchObject({ sequence: 1, rows: 3, batch: 'first', newest: at(2), created: 0n })
    expect(table.id).toMatch(/^v1-/)
    expect(await contents(table.relation)).toEqual(FIRST)
    seen.snapshot = String(table.snapshot)
    const [row] = await world.engine.rows(
      `select cast(committed_at as varchar) as t from ${queryName(nameOf(view), '$snapshots')} where snapshot_id = ${seen.snapshot}`,
    )
    seen.committed = String(row?.['t'])
  })

  it('ignores a repeated batch and adds only new rows under another id', async () => {
    const rows = [reading('a', 0, 0, 1n), reading('a', 2, 2, 2n), reading('b', 1, 1, 10n)]
    expect(await world.offline.append(view, batchOf('first', view, rows))).toBe(0)
    const more = [...rows, reading('a', 2, 30, 3n), reading('b', 40, 40, 11n)]
    expect(await world.offline.append(view, batchOf('second', view, more))).toBe(2)
    const table = await world.offline.table(view)
    expect(table).toMatchObject({ sequence: 2, rows: 5, batch: 'second', newest: at(40) })
    expect(await contents(table.relation)).toEqual(SECOND)
    expect(await contents(table.since(1))).toEqual(['a@2=3', 'b@40=11'])
    expect(await contents(table.since(2))).toEqual([])
  })

  it('stays unchanged when an append dies midway', async () => {
    const columns = tableColumns(view).map(column => `"${column.name}"`)
    const dies: Batch = {
      id: 'third',
      created: 0n,
      rows: () =>
        `select 'x' as ${columns[0]}, timestamp '2024-01-01 00:00:00' as ${columns[1]}, timestamp '2024-01-01 00:00:00' as ${columns[2]}, 'h' as ${columns[3]}, 10 / (n * m - 250000) as ${columns[4]} from unnest(sequence(1, 500)) t(n), unnest(sequence(1, 500)) u(m)`,
    }
    await expect(world.offline.append(view, dies)).rejects.toThrow('DIVISION_BY_ZERO')
    const table = await world.offline.table(view)
    expect(table).toMatchObject({ sequence: 2, rows: 5, batch: 'second' })
    expect(await contents(table.relation)).toEqual(SECOND)
  })

  it('serializes batches of several writers and adds each once', async () => {
    const other = define('raced', { value: 'int64' }).view
    await world.offline.prepare(other)
    const rows = [reading('a', 1, 1, 1n), reading('b', 1, 1, 2n)]
    const added = await Promise.all(
      ['x', 'y', 'z'].map(id =>
        world.offline.append(other, batchOf(id, other, [...rows, reading(id, 1, 1, 3n)])),
      ),
    )
    expect(added.toSorted()).toEqual([1, 1, 3])
    const table = await world.offline.table(other)
    expect(table).toMatchObject({ sequence: 3, rows: 5 })
    expect(await contents(table.relation)).toEqual(['a@1=1', 'b@1=2', 'x@1=3', 'y@1=3', 'z@1=3'])
  })

  describe('with more days than one statement may write', () => {
    const other = define('long', { value: 'int64' }).view
    const daily = (id: string, days: number): Batch => {
      const start = `${stamp(0)} + day * interval '1' day`
      const row = `'a' as "device_id", ${start} as "event_timestamp", ${start} as "created_timestamp", lpad(cast(day as varchar), 34, '0') as "row_hash", cast(day as bigint) as "value"`
      const batch = `(select ${row}, cast(null as varchar) as "${REFUSED}" from unnest(sequence(0, ${days - 1})) d (day))`
      const rows: Batch['rows'] = ({ rows: held, relation }) =>
        newRows({ view: other, batch, table: held === 0 ? null : relation })
      return { id, created: 0n, rows }
    }
    /** Fails before its nth statement that adds rows. */
    const dyingAt = (nth: number) => {
      let merges = 0
      const run: typeof world.engine.run = sql => {
        if (sql.startsWith('merge') && ++merges === nth) throw new Error('the writer died')
        return world.engine.run(sql)
      }
      return world.offlineWith({ engine: { ...world.engine, run } })
    }

    it('a batch becomes visible as a whole and a repeated batch adds the missing parts', async () => {
      expect(await world.offline.append(other, daily('short', 50))).toBe(50)
      // One statement for all, refused for its days; then the first part, and the second.
      await expect(dyingAt(3).append(other, daily('long', 150))).rejects.toThrow('the writer died')
      const before = await world.offline.table(other)
      expect(before).toMatchObject({ sequence: 1, rows: 50, batch: 'short', newest: at(49 * 24) })
      expect(await contents(before.relation)).toHaveLength(50)
      expect(await world.offline.append(other, daily('long', 150))).toBe(100)
      const table = await world.offline.table(other)
      expect(table).toMatchObject({ sequence: 3, rows: 150, batch: 'long', newest: at(149 * 24) })
      expect(new Set(await contents(table.relation)).size).toBe(150)
      expect(await world.offline.append(other, daily('long', 150))).toBe(0)
    })

    it('another batch replaces an abandoned one, but not while its writer may be alive', async () => {
      // Its first part, as the death of its writer leaves it.
      await world.offline.append(other, daily(partName('given up', 1), 160))
      expect(await world.offline.table(other)).toMatchObject({ rows: 150, batch: 'long' })
      await expect(world.offline.append(other, daily('next', 151))).rejects.toMatchObject({
        code: 'store-in-use',
        message: expect.stringContaining('another batch has been written in part'),
      })
      const later = world.offlineWith({ abandonedMs: 0 })
      expect(await later.append(other, daily('next', 151))).toBe(1)
      const table = await world.offline.table(other)
      expect(table).toMatchObject({ rows: 151, batch: 'next', newest: at(150 * 24) })
      expect(await contents(table.relation)).toHaveLength(151)
    })
  })

  it('joins a spine point in time, also as known at an instant', async () => {
    const table = await world.offline.table(view)
    const spine = `(values (1, 'a', ${stamp(1)}), (2, 'a', ${stamp(3)}), (3, 'b', ${stamp(39)}), (4, 'b', ${stamp(40)}), (5, null, ${stamp(1)})) s ("spine_row", "device_id", "event_timestamp")`
    const join = async (options: { readonly asOf?: bigint; readonly asKnown?: boolean }) => {
      const service = plan.services['service']
      if (service === undefined) throw new Error('there is no service')
      const rows = await world.engine.rows(
        pointInTimeJoin({
          dialect: world.engine.dialect,
          plan,
          service,
          spine: `(select * from ${spine})`,
          spineColumns: ['spine_row'],
          tables: { [view.key]: table.relation },
          ...options,
        }),
      )
      return rows.toSorted((x, y) => Number(x['spine_row']) - Number(y['spine_row'])).map(row => row['value'])
    }
    expect(await join({})).toEqual([1n, 3n, null, 11n, null])
    expect(await join({ asOf: at(10) })).toEqual([1n, 2n, null, null, null])
    expect(await join({ asKnown: true })).toEqual([1n, 2n, null, 11n, null])
  })

  it('returns the newest row of each entity', async () => {
    const table = await world.offline.table(view)
    const latest = (to: number) => contents(`(${latestRows({ view, rows: table.relation, to: at(to) })})`)
    expect(await latest(10)).toEqual(['a@2=3', 'b@1=10'])
    expect(await latest(40)).toEqual(['a@2=3', 'b@40=11'])
  })

  it('supports queries about data quality', async () => {
    const { relation } = await world.offline.table(view)
    const rows = await world.engine.rows(
      `select count(*) as n, count_if("value" is null) as nulls, min("value") as low, max("value") as high, avg(cast("value" as double)) as mean, stddev_pop(cast("value" as double)) as spread, approx_percentile("value", 0.5) as middle from ${relation} r`,
    )
    expect(rows).toEqual([
      { n: 5n, nulls: 0n, low: 1n, high: 11n, mean: 5.4, spread: expect.closeTo(4.224, 3), middle: 3n },
    ])
  })

  it('adds new columns and keeps its rows', async () => {
    expect(await contents((await world.offline.table(evolved.view)).relation)).toEqual(SECOND)
    await world.offline.prepare(evolved.view)
    const { relation } = await world.offline.table(evolved.view)
    expect(await contents(relation)).toEqual(SECOND)
    const order = tableColumns(evolved.view).map(column => column.name)
    const row: Readonly<Record<string, Value>> = {
      device_id: 'c',
      event_timestamp: at(3),
      created_timestamp: at(3),
      row_hash: rowHash(255n),
      value: 5n,
      note: ['x, y', null],
      unit: null,
    }
    const batch = batchOf('evolved', evolved.view, [order.map(name => row[name] ?? null)])
    expect(await world.offline.append(evolved.view, batch)).toBe(1)
    const after = await world.offline.table(evolved.view)
    const notes = await world.engine.rows(
      `select "device_id", "note" from ${after.relation} r where "value" in (1, 5)`,
    )
    expect(notes).toEqual(
      expect.arrayContaining([
        { device_id: 'a', note: null },
        { device_id: 'c', note: ['x, y', null] },
      ]),
    )
    // Definitions that do not know the columns go on as before.
    expect(await contents((await world.offline.table(view)).relation)).toEqual([...SECOND, 'c@3=5'].sort())
  })

  it('shows its state at a snapshot and at an instant', async () => {
    const then = (when: string): string =>
      `(select * from ${queryName(nameOf(view))} for ${when} where "event_timestamp" is not null)`
    expect(await contents(then(`version as of ${seen.snapshot}`))).toEqual(FIRST)
    expect(await contents(then(`timestamp as of timestamp '${seen.committed}'`))).toEqual(FIRST)
    expect(await contents((await world.offline.table(view)).since(2))).toEqual(['c@3=5'])
  })

  it('unloads a query to Parquet once, can query it and drops it', async () => {
    const path = world.location("a training set's data.parquet")
    const { relation } = await world.offline.table(view)
    const file = await world.engine.unload(`select * from ${relation} r`, path)
    expect(file).toMatchObject({ path, rows: 6 })
    expect(file.bytes).toBe(file.parts?.reduce((sum, part) => sum + part.bytes, 0))
    expect(await contents(world.engine.files([path], 'parquet'))).toHaveLength(6)
    await expect(world.engine.unload('select 1 as a', path)).rejects.toThrow(/already exists/)
    await world.engine.drop(path)
    await world.engine.drop(path)
    await expect(
      world.engine.rows(`select * from ${world.engine.files([path], 'parquet')} f`),
    ).rejects.toThrow('TABLE_NOT_FOUND')
  })

  it('erases an entity for all later reads', async () => {
    await world.engine.run(`delete from ${queryName(nameOf(view))} where "device_id" = 'b'`)
    const table = await world.offline.table(view)
    expect(await contents(table.relation)).toEqual(['a@0=1', 'a@2=2', 'a@2=3', 'c@3=5'])
    expect(table).toMatchObject({ sequence: 3, rows: 4 })
    // The newest batch has no rows left but still counts: a later batch must not reuse its number.
    await world.engine.run(`delete from ${queryName(nameOf(view))} where "device_id" = 'c'`)
    const without = await world.offline.table(view)
    expect(without).toMatchObject({ id: table.id, sequence: 3, rows: 3, batch: 'evolved' })
    const rows = [reading('d', 4, 4, 6n)]
    expect(await world.offline.append(view, batchOf('after', view, rows))).toBe(1)
    expect(await world.offline.append(view, batchOf('nothing new', view, rows))).toBe(0)
    const newest = await world.offline.table(view)
    expect(newest).toMatchObject({ sequence: 5, rows: 4, batch: 'nothing new' })
    expect(await contents(newest.since(3))).toEqual(['d@4=6'])
  })

  it('returns the same rows after compaction and removal of old snapshots', async () => {
    const name = nameOf(view)
    const before = await world.offline.table(view)
    const count = async (about: string) =>
      Number((await world.engine.rows(`select count(*) as n from ${queryName(name, about)}`))[0]?.['n'])
    const files = await count('$files')
    await world.engine.run(compact(name))
    await world.engine.run(expireSnapshots(name))
    expect(await count('$files')).toBeLessThan(files)
    expect(await count('$snapshots')).toBe(1)
    const after = await world.offline.table(view)
    expect(await contents(after.relation)).toEqual(await contents(before.relation))
    expect(await contents(after.since(3))).toEqual(['d@4=6'])
    expect(after).toMatchObject({ id: before.id, sequence: before.sequence, batch: before.batch })
    await expect(contents(`${queryName(name)} for version as of ${seen.snapshot}`)).rejects.toThrow(
      /snapshot/i,
    )
  })

  it('is refused by name when something else changed it', async () => {
    const foreign = define('readings', { value: 'string' }).view
    await expect(world.offline.table(foreign)).rejects.toMatchObject({
      code: 'table-changed',
      message: expect.stringContaining('column value as bigint, not string'),
    })
  })
})

const stamp = (hour: number): string => `timestamp '2024-01-01 00:00:00.000000' + interval '${hour}' hour`
