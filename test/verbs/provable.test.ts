/** Reproducible training sets: rebuilds, ids, splits, labels of the future, ranges, and leaks. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource, hours, pick } from '../../lib/definition/index.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { findLeaks } from '../../lib/verbs/training-set/leaks.ts'
import { rebuildTrainingSet } from '../../lib/verbs/training-set/rebuild-training-set.ts'
import { buildTrainingSet, type TrainingSetOptions } from '../../lib/verbs/training-set/training-set.ts'
import { listManifests } from '../../lib/verbs/training-set/training-set-manifest.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const HOUR = 3_600_000_000n
const T = 1_704_067_200_000_000n

const city = entity({ name: 'city', joinKeys: { city: 'string' } })
const readings = fileSource({
  name: 'readings',
  path: 'readings.parquet',
  eventTimestamp: 'at',
  createdTimestamp: 'known',
})
const props = { name: 'weather', entities: [city], source: readings, ttl: hours(2) } as const
const weather = featureView({ ...props, features: { temp: 'float64' } })
const definitions = [
  featureService({ name: 'now', features: [weather] }),
  featureService({
    name: 'later',
    features: [pick(weather, ['temp'], { rename: { temp: 'next_temp' } })],
  }),
]

const READINGS: readonly Column[] = [
  { name: 'city', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'known', type: 'timestamp' },
  { name: 'temp', type: 'float64' },
]
type Reading = readonly [string, bigint, bigint, number]
const FIRST: readonly Reading[] = [
  ['oslo', T, T, 1],
  ['oslo', T + HOUR, T + 3n * HOUR, 2],
  ['oslo', T + 2n * HOUR, T + 2n * HOUR, 3],
  ['rome', T, T, 20],
  ['rome', T + 3n * HOUR, T + 3n * HOUR, 23],
]

const SPINE = ['oslo,0,7', 'rome,1,8', 'oslo,1,9', 'oslo,1,9', 'oslo,2,10', 'rome,2,11']
  .map(line => line.split(','))
  .map(([name, hour, label]) => `${name},2024-01-01T0${hour}:30:00Z,${label}`)

async function open(): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions, now: Number(T / 1_000n) })
  await writeFile(join(store.root, 'spine.csv'), `city,event_timestamp,label\n${SPINE.join('\n')}\n`)
  await bring(store, FIRST)
  return store
}

async function bring(store: TemporaryStore, rows: readonly Reading[]): Promise<void> {
  await store.writeSource('readings.parquet', READINGS, rows)
  await ingest(store, viewOf(store.plan, 'weather@1'))
}

const build = (store: TemporaryStore, options: TrainingSetOptions = {}) =>
  buildTrainingSet(store, findService(store.plan, 'now'), { spine: 'spine.csv', ...options })

const rowsOf = (store: TemporaryStore, path: string) =>
  store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)

describe('a training set is rebuilt byte for byte', () => {
  it('after later ingests and corrections, by a prefix of its id', async () => {
    await using store = await open()
    const { manifest, path } = await build(store, { asKnown: true })
    const bytes = await readFile(path)
    await bring(store, [...FIRST.slice(1), ['oslo', T, T + 1n, 100], ['oslo', T + HOUR, T + HOUR, 200]])
    const rebuilt = await rebuildTrainingSet(store, manifest.id.slice(0, 6))
    expect(rebuilt).toMatchObject({ same: true, standing: 'intact', rows: 6, content: manifest.content })
    expect(await readFile(path)).toEqual(bytes)
    expect((await build(store, { asKnown: true })).manifest.id).not.toBe(manifest.id)
  })

  it('if its data is missing or changed, and the rebuilt data replaces it', async () => {
    await using store = await open()
    const { manifest, path } = await build(store)
    const bytes = await readFile(path)
    await rm(path)
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'missing' })
    expect(await readFile(path)).toEqual(bytes)
    const changed = Buffer.from(bytes)
    changed[40] = (changed[40] ?? 0) ^ 1
    await writeFile(path, changed)
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'changed' })
    expect(await readFile(path)).toEqual(bytes)
  })

  it('under other definitions, because its manifest holds its own definitions', async () => {
    await using store = await open()
    const { manifest } = await build(store)
    const transformation = 'select city, "at", known, cast(temp as varchar) as temp from source'
    const next = featureView({
      ...props,
      version: 2,
      ttl: hours(1),
      features: { temp: 'string' },
      transformation,
    })
    const other = store.under([featureService({ name: 'now', features: [next] })])
    await ingest(other, viewOf(other.plan, 'weather@2'))
    expect(await rebuildTrainingSet(other, manifest.id)).toMatchObject({ same: true })
  })

  it.each<[string, TrainingSetOptions]>([
    ['full names', { fullNames: true }],
    ['a past state', { asOf: T + HOUR }],
    ['a split', { split: { by: 'random', shares: [0.5, 0.5], seed: 7 } }],
    ['a range', { range: { from: T, to: T + 3n * HOUR } }],
  ])('with %s, from its rows and from its spine', async (_, options) => {
    await using store = await open()
    const { spine: _file, ...rest } = { spine: 'spine.csv', ...options }
    const chosen = options.range === undefined ? { spine: 'spine.csv', ...options } : rest
    const { manifest, path } = await buildTrainingSet(store, findService(store.plan, 'now'), chosen)
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'intact' })
    await rm(path)
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'missing' })
  })

  it('or the error names the missing part', async () => {
    await using store = await open()
    const { manifest, path } = await build(store)
    const log = join(store.root, 'offline/weather/v1/log/00000001.json')
    const entry = JSON.parse(await readFile(log, 'utf8'))
    const data = join(store.root, 'offline/weather/v1', entry.files[0].path)
    const kept = await readFile(data)
    await rm(data)
    await expect(rebuildTrainingSet(store, manifest.id)).rejects.toMatchObject({
      code: 'version-gone',
      message: expect.stringContaining(
        `view weather@1: its table at batch 1 is gone: file ${data} is not there`,
      ),
    })
    await writeFile(data, kept)
    await rm(path)
    await writeFile(join(store.root, 'spine.csv'), 'city,event_timestamp,label\noslo,2024-01-01,1\n')
    await expect(rebuildTrainingSet(store, manifest.id)).rejects.toMatchObject({
      code: 'spine-gone',
      message: expect.stringContaining('its data is missing, and its spine (spine.csv) has other rows now'),
    })
    await rm(join(store.root, 'spine.csv'))
    await expect(rebuildTrainingSet(store, manifest.id)).rejects.toThrow(
      /spine \(spine.csv\) cannot be read: .*no file/,
    )
    await rm(join(store.root, 'offline'), { recursive: true })
    await bring(store, FIRST)
    await expect(rebuildTrainingSet(store, manifest.id)).rejects.toThrow(
      /holds another table, made anew since/,
    )
  })

  it('and an unknown id or an ambiguous prefix is refused', async () => {
    await using store = await open()
    const { manifest } = await build(store)
    await expect(rebuildTrainingSet(store, 'none')).rejects.toThrow(
      `no training set has an id that begins 'none'; there are: ${manifest.id.slice(0, 16)} (now)`,
    )
    await build(store, { fullNames: true })
    await expect(rebuildTrainingSet(store, '')).rejects.toThrow(/^2 training sets have an id/)
    expect(await listManifests(store.objects)).toHaveLength(2)
  })
})

describe('the id of a training set', () => {
  it('depends on the content alone, not on the origin of the spine', async () => {
    await using store = await open()
    const { manifest } = await build(store)
    await writeFile(join(store.root, 'copy.csv'), await readFile(join(store.root, 'spine.csv')))
    const ids = new Set<string>([manifest.id])
    expect((await build(store, { spine: 'copy.csv' })).manifest.id).toBe(manifest.id)
    await writeFile(
      join(store.root, 'copy.csv'),
      `city,event_timestamp,label\n${SPINE.toReversed().join('\n')}\n`,
    )
    const others: TrainingSetOptions[] = [
      { spine: 'copy.csv' },
      { asOf: T },
      { asKnown: true },
      { fullNames: true },
      { split: { by: 'time', shares: [0.5, 0.5] } },
      { split: { by: 'entity', shares: [0.5, 0.5], seed: 0 } },
      { split: { by: 'entity', shares: [0.5, 0.5], seed: 1 } },
      { labels: { service: findService(store.plan, 'later'), windowMs: 3_600_000 } },
      { labels: { service: findService(store.plan, 'later'), windowMs: 7_200_000 } },
    ]
    for (const options of others) ids.add((await build(store, options)).manifest.id)
    await bring(store, [['bonn', T, T, 1]])
    ids.add((await build(store)).manifest.id)
    expect(ids.size).toBe(others.length + 2)
  })

  it('names the manifest beside the data and the line among all manifests', async () => {
    await using store = await open()
    const { manifest, manifestPath } = await build(store)
    const folder = join(store.root, 'training-sets/manifests')
    expect(await readdir(folder)).toEqual([`${manifest.id}.json`])
    const line = await readFile(join(folder, `${manifest.id}.json`), 'utf8')
    expect(line.trimEnd()).not.toContain('\n')
    const { sha256: _ofLine, ...inLine } = JSON.parse(line)
    const { sha256: _ofFile, ...inFile } = JSON.parse(await readFile(manifestPath, 'utf8'))
    expect(inLine).toEqual(inFile)
  })
})

describe('a split', () => {
  const many = `select 'c' || cast(i % 10 as varchar) as city, timestamp '2024-01-01' + interval '1' minute * (i / 4) as event_timestamp, i as label from unnest(sequence(0, 999)) as t(i)`
  const shares = [0.6, 0.2, 0.2]
  const parts = async (store: TemporaryStore, split: NonNullable<TrainingSetOptions['split']>) => {
    const { path } = await build(store, { spine: many, split })
    return rowsOf(store, path)
  }

  it('by time puts earlier rows before later rows, and rows of one instant into one part', async () => {
    await using store = await open()
    const rows = await parts(store, { by: 'time', shares })
    const order = ['train', 'validation', 'test']
    const places = rows.map(row => order.indexOf(String(row['split'])))
    expect(places).toEqual(places.toSorted())
    expect([0, 1, 2].map(part => places.filter(place => place === part).length)).toEqual([600, 200, 200])
    const at = await parts(store, { by: 'instants', instants: [T + HOUR] })
    expect(at.filter(row => row['split'] === 'train')).toHaveLength(240)
    expect(at.filter(row => row['split'] === 'test')).toHaveLength(760)
  })

  it('by entity puts all rows of an entity into one part', async () => {
    await using store = await open()
    const rows = await parts(store, { by: 'entity', shares: [0.5, 0.5], seed: 3 })
    const pairs = new Set(rows.map(row => `${row['city']} ${row['split']}`))
    expect(pairs.size).toBe(10)
    expect(new Set(rows.map(row => row['split'])).size).toBe(2)
  })

  it('at random has the requested shares and depends on its seed', async () => {
    await using store = await open()
    const rows = await parts(store, { by: 'random', shares, seed: 1 })
    const train = rows.filter(row => row['split'] === 'train').length
    expect(train).toBeGreaterThan(540)
    expect(train).toBeLessThan(660)
    expect(rows.map(row => row['split'])).not.toEqual(
      (await parts(store, { by: 'random', shares, seed: 2 })).map(row => row['split']),
    )
  })

  it('refuses a spine that already has its column', async () => {
    await using store = await open()
    const spine = `select 'oslo' as city, timestamp '2024-01-01' as event_timestamp, 1 as split`
    await expect(build(store, { spine, split: { by: 'time', shares: [0.5, 0.5] } })).rejects.toThrow(
      /column split/,
    )
  })
})

describe('labels of the future', () => {
  it('are the newest values within the window, null until it has closed', async () => {
    await using store = await open()
    const labels = { service: findService(store.plan, 'later'), windowMs: 3_600_000 }
    const { path, manifest } = await build(store, { labels })
    expect((await rowsOf(store, path)).map(row => [row['temp'], row['next_temp']])).toEqual([
      [1, 2],
      [20, null],
      [2, 3],
      [2, 3],
      // Its window ends at 03:30, and no city has rows after 03:00.
      [3, null],
      [null, null],
    ])
    expect(manifest.columns.at(-1)).toMatchObject({ name: 'next_temp', role: 'label', nulls: 3 })
    expect(manifest.recipe.labels).toMatchObject({ windowMs: 3_600_000, reached: T + 3n * HOUR })
  })

  it('may not share a name with a feature', async () => {
    await using store = await open()
    const labels = { service: findService(store.plan, 'now'), windowMs: 1 }
    await expect(build(store, { labels })).rejects.toThrow(/share the names temp/)
  })
})

describe('a range', () => {
  it('gives every row of the service between two instants, both included', async () => {
    await using store = await open()
    const { path } = await buildTrainingSet(store, findService(store.plan, 'now'), {
      range: { from: T, to: T + 2n * HOUR },
    })
    expect(
      (await rowsOf(store, path)).map(row => [row['city'], row['event_timestamp'], row['temp']]),
    ).toEqual([
      ['oslo', T, 1],
      ['rome', T, 20],
      ['oslo', T + HOUR, 2],
      ['oslo', T + 2n * HOUR, 3],
    ])
  })

  it('has each entity and instant once, even if its row was corrected several times', async () => {
    await using store = await open()
    await bring(store, [...FIRST, ['oslo', T, T + 1n, 100], ['oslo', T, T + 2n, 101]])
    const { path } = await buildTrainingSet(store, findService(store.plan, 'now'), {
      range: { from: T, to: T },
    })
    expect((await rowsOf(store, path)).map(row => [row['city'], row['temp']])).toEqual([
      ['oslo', 101],
      ['rome', 20],
    ])
  })
})

describe('a file that is written again', () => {
  it('has the rows of its manifest, even if another training set of equal size was there before', async () => {
    await using store = await open()
    const out = join(store.root, 'out.parquet')
    // The training sets differ in the bits of one number, so their files have equal sizes.
    const spines = ['7', '8'].map(
      label => `select 'oslo' as city, timestamp '2024-01-01 00:30:00' as event_timestamp, ${label} as label`,
    )
    const [a = '', b = ''] = spines
    const first = await build(store, { spine: a, out })
    const second = await build(store, { spine: b, out })
    expect(second.manifest.bytes).toBe(first.manifest.bytes)
    const again = await build(store, { spine: a, out })
    expect((await rowsOf(store, out)).map(row => row['label'])).toEqual([7])
    expect(JSON.parse(await readFile(`${out}.manifest.json`, 'utf8')).id).toBe(again.manifest.id)
    expect((await build(store, { spine: a, out })).reused).toBe(true)
  })

  it('restores its own manifest beside it if another manifest replaced it', async () => {
    await using store = await open()
    const out = join(store.root, 'out.parquet')
    const { manifest } = await build(store, { out })
    await writeFile(`${out}.manifest.json`, '{"id":"another"}')
    expect((await build(store, { out })).reused).toBe(true)
    expect(JSON.parse(await readFile(`${out}.manifest.json`, 'utf8')).id).toBe(manifest.id)
  })
})

describe('leaks', () => {
  it('are reported by view, delay and write, with their first rows', async () => {
    await using store = await open()
    const report = await findLeaks(store, findService(store.plan, 'now'), { spine: 'spine.csv' })
    expect(report).toMatchObject({
      spineRows: 6,
      unjudged: [],
      views: [
        {
          alias: 'weather',
          view: 'weather@1',
          columns: ['temp'],
          rows: 2,
          delayMs: { p50: 5_400_000, p99: 5_400_000, max: 5_400_000 },
        },
      ],
      writes: [{ view: 'weather@1', arrived: T, rows: 2, created: [T + 3n * HOUR, T + 3n * HOUR] }],
    })
    expect(report.examples.map(row => row['spine_row'])).toEqual([3n, 4n])
    expect(report.examples[0]).toMatchObject({ city: 'oslo', row_event_timestamp: T + HOUR })
  })

  it('can be written to a file', async () => {
    await using store = await open()
    const out = join(store.root, 'leaks.parquet')
    await findLeaks(store, findService(store.plan, 'now'), { spine: 'spine.csv', out })
    expect(await rowsOf(store, out)).toHaveLength(2)
  })

  it('cannot be found if no source has a created timestamp', async () => {
    const { createdTimestamp: _, ...unsaid } = readings
    const blind = featureView({ ...props, source: fileSource(unsaid), features: { temp: 'float64' } })
    await using store = await temporaryStore({
      definitions: [featureService({ name: 'now', features: [blind] })],
    })
    await expect(findLeaks(store, findService(store.plan, 'now'))).rejects.toThrow(
      /no view of service 'now' can be judged/,
    )
  })
})
