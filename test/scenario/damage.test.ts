/**
 * A store whose files are damaged, one after the other and in each way: its verbs answer as before, or say
 * `store-damaged` with the file and the command that mends it; and that command mends it.
 */
import { existsSync } from 'node:fs'
import {
  appendFile,
  copyFile,
  cp,
  glob,
  mkdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { localCredentials } from '../../lib/local/http/local-credentials.ts'
import { openSqliteOnlineStore } from '../../lib/local/online/sqlite-online-store.ts'
import { repairStore } from '../../lib/local/repair.ts'
import { folderFeatureLog, folderFeatureLogReader } from '../../lib/local/streams/folder-feature-log.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize/materialize.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { storedRollouts } from '../../lib/verbs/rollout/stored-rollouts.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { storedPlans } from '../../lib/verbs/training-set/plans.ts'
import { rebuildTrainingSet } from '../../lib/verbs/training-set/rebuild-training-set.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { listManifests } from '../../lib/verbs/training-set/training-set-manifest.ts'
import { type Random, random } from '../oracle/random.ts'
import { runUpTo } from '../support/run.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

/** Some of all pairs of a file and a damage; `QUERN_DAMAGES=1-250` tries that many, `QUERN_DAMAGES=7-7` one again. */
const [FIRST = 1, LAST = 40] = process.env['QUERN_DAMAGES']?.split('-').map(Number) ?? []
const SEEDS = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i)

const T = 1_704_067_200_000_000n
const NOW_MS = Number(T / 1_000n) + 10_000
const COLUMNS: readonly Column[] = [
  { name: 'city', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'temp', type: 'float64' },
]

const city = entity({ name: 'city', joinKeys: { city: 'string' } })
const view = (name: string) =>
  featureView({
    name,
    entities: [city],
    source: fileSource({ name: `${name}s`, path: `${name}.parquet`, eventTimestamp: 'at' }),
    features: { [name]: 'float64' },
    transformation: `select city, "at", temp as ${name} from source`,
  })
const rain = view('rain')
const definitions = [featureService({ name: 'now', features: [view('warmth'), rain] })]
const VIEWS = ['warmth@1', 'rain@1']
const SPINE = ['oslo', 'rome', 'bonn']
  .map(name => `select '${name}' as city, timestamp '2024-01-01 00:00:09' as event_timestamp`)
  .join(' union all ')
const RECORDS = ['{"service":"now","n":1}', '{"service":"now","n":2}'] as const

let store: TemporaryStore
/** A copy of all files as they were written. */
let whole: string
/** A copy from before some of them were written again. */
let earlier: string
let files: readonly string[]
let expected: Awaited<ReturnType<typeof answers>>

beforeAll(async () => {
  store = await temporaryStore({ definitions, now: NOW_MS })
  earlier = `${store.root}-earlier`
  await make(store)
  whole = `${store.root}-whole`
  await cp(store.root, whole, { recursive: true })
  const all = await Array.fromAsync(glob('**/*.*', { cwd: whole }))
  files = all.filter(path => !/^(warmth|rain)\.parquet$|^(scratch|online)/.test(path)).sort()
  expected = await answers()
})

afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await Promise.all([whole, earlier].map(copy => rm(copy, { recursive: true })))
})

/** Two tables of two batches, pushed rows, two training sets, a rollout, credentials and recorded answers. */
async function make(made: TemporaryStore): Promise<void> {
  const { objects, plan } = made
  const push = pusher({ ...made, pushed: folderPushedRows(objects) })
  for (const round of [0n, 1n]) {
    for (const [i, name] of ['warmth', 'rain'].entries()) {
      const temp = Number(round) * 10 + i
      const rows = [
        ['oslo', T + round, temp],
        ['rome', T + round, temp + 0.5],
      ] as const
      // The source keeps what it had, so that each batch can be made again.
      await made.writeSource(
        `${name}.parquet`,
        COLUMNS,
        round === 0n ? rows : [...rows, ['oslo', T, i], ['rome', T, i + 0.5]],
      )
    }
    const row = { city: 'bonn', event_timestamp: '2024-01-01T00:00:01Z', warmth: Number(round) }
    await push([{ id: '1', text: JSON.stringify({ view: 'warmth', row }), arrived: T + 2_000_000n + round }])
    for (const key of VIEWS) await ingest(made, viewOf(plan, key))
  }
  const service = findService(plan, 'now')
  await buildTrainingSet(made, service, { spine: SPINE })
  await buildTrainingSet(made, service, {
    spine: SPINE,
    fullNames: true,
    out: join(made.root, 'out.parquet'),
  })
  const other = made.under([...definitions, featureService({ name: 'more', features: [rain] })])
  await Promise.all([plan, other.plan].map(each => storedPlans(objects).keep(each)))
  const shadow = other.plan.hash
  const rollout = { service: 'now', started: '2024-01-01T00:00:00Z', previous: null, shadow }
  const variants = [{ name: 'base', plan: plan.hash, percent: 100 }]
  const recorded = folderFeatureLog({ root: made.root, clock: made.clock })
  const lay = (line: string) => recorded.append([{ service: 'now', line }])
  await storedRollouts(objects).write({ format: 1, rollouts: {} })
  await localCredentials(objects.path('credentials.json'), ['a'])
  await lay(RECORDS[0])
  await cp(made.root, earlier, { recursive: true })
  await storedRollouts(objects).write({ format: 1, rollouts: { now: { format: 1, ...rollout, variants } } })
  await localCredentials(objects.path('credentials.json'), ['a', 'b'])
  await lay(RECORDS[1])
}

/** What a user gets: of each verb that reads the store, what it is for. */
async function answers() {
  const { engine, objects, plan, offline } = store
  for (const key of VIEWS) await ingest(store, viewOf(plan, key))
  const tables = await Promise.all(
    VIEWS.map(async key => {
      const { relation } = await offline.table(viewOf(plan, key))
      return engine.rows(`select * exclude (row_hash, created_timestamp) from ${relation} order by all`)
    }),
  )
  const online = await materialized()
  const ask = onlineFeatures({ plan, online, clock: store.clock })
  const body = '{"feature_service":"now","entities":{"city":["oslo","rome","bonn"]}}'
  const { text } = await ask(body, undefined)
  online.close()
  const service = findService(plan, 'now')
  const sets = [
    await buildTrainingSet(store, service, { spine: SPINE }),
    await buildTrainingSet(store, service, {
      spine: SPINE,
      fullNames: true,
      out: join(store.root, 'out.parquet'),
    }),
  ]
  for (const { manifest } of sets)
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'intact' })
  const listed = await listManifests(objects)
  const rows = await Promise.all(
    sets.map(({ path }) => engine.rows(`select * from ${engine.files([path], 'parquet')}`)),
  )
  const { rollouts } = await storedRollouts(objects).read()
  const hashes = Object.values(rollouts).flatMap(({ variants, shadow }) => [
    variants[0]?.plan ?? '',
    shadow ?? '',
  ])
  const plans = await Promise.all(hashes.map(hash => storedPlans(objects).find(hash)))
  const credentials = await localCredentials(objects.path('credentials.json'), ['a'])
  return {
    tables,
    text: text.replaceAll(/"event_timestamps":\[[^\]]*\]/g, ''),
    rows,
    sets: listed.map(({ columns, service, rows }) => ({ columns, service, rows })).slice(0, 2),
    rollouts,
    // One that is missing is refused by who follows the rollouts (test/verbs/rollout/follow-rollouts.test.ts).
    plans: plans.map((found, i) => (found === null ? hashes[i] : found.hash)),
    credentials,
  }
}

let stores = 0

/** All rows in an online store of its own, whose file checks itself when it is opened (lib/local/online/sqlite-online-file.ts). */
async function materialized() {
  const online = await openSqliteOnlineStore(join(store.root, 'scratch', `online-${++stores}`))
  const world = { ...store, online }
  for (const key of VIEWS) {
    const selected = await selectLatestRows(world, {
      view: key,
      run: runUpTo(BigInt(NOW_MS) * 1_000n, [key]),
    })
    const written = []
    for (const chunk of selected.chunks) written.push(await writeChunk(world, { view: key, chunk }))
    await advanceWatermark(world, { selected: { ...selected, written } })
  }
  return online
}

async function restore(): Promise<void> {
  for (const folder of ['offline', 'pushed', 'plans', 'training-sets', 'recorded', 'damaged', 'heads'])
    await rm(join(store.root, folder), { recursive: true, force: true })
  for (const file of files) await rm(join(store.root, file), { recursive: true, force: true })
  await cp(whole, store.root, { recursive: true })
}

type Damage = (path: string, chance: Random) => Promise<void>

const changed = async (path: string, change: (bytes: Buffer) => void): Promise<void> => {
  const bytes = await readFile(path)
  change(bytes)
  await writeFile(path, bytes)
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  flip: (path, chance) =>
    changed(path, bytes => {
      const at = chance.below(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8))
    }),
  digit: (path, chance) =>
    changed(path, bytes => {
      // A digit becomes another digit: JSON and lines parse as before.
      const digits = [...bytes.keys()].filter(i => (bytes[i] ?? 0) >= 48 && (bytes[i] ?? 0) <= 57)
      const at = digits.length === 0 ? 0 : chance.pick(digits)
      bytes[at] = (bytes[at] ?? 0) ^ 1
    }),
  cut: async (path, chance) => truncate(path, chance.below((await stat(path)).size)),
  'cut line': async path =>
    truncate(path, Math.max(0, (await readFile(path, 'utf8')).trimEnd().lastIndexOf('\n') + 1)),
  empty: path => truncate(path, 0),
  zeros: (path, chance) => changed(path, bytes => bytes.fill(0, chance.below(bytes.length))),
  longer: path => appendFile(path, '\0'),
  missing: path => rm(path),
  old: async path => {
    const before = join(earlier, relative(store.root, path))
    if (existsSync(before)) await copyFile(before, path)
  },
  folder: async path => {
    await rm(path)
    await mkdir(path)
  },
  'dead link': async path => {
    await rm(path)
    await symlink('/nowhere/at/all', path)
  },
  loop: async path => {
    await rm(path)
    await symlink(path, path)
  },
  'other of its size': async (path, chance) => {
    const { size } = await stat(path)
    const sizes = await Promise.all(
      files.map(async file => [join(whole, file), await stat(join(whole, file))] as const),
    )
    const same = sizes.filter(([file, found]) => found.size === size && !path.endsWith(relative(whole, file)))
    if (same.length > 0) await copyFile(chance.pick(same)[0], path)
  },
  other: async (path, chance) => {
    const ending = path.slice(path.lastIndexOf('.'))
    await copyFile(join(whole, chance.pick(files.filter(file => file.endsWith(ending)))), path)
  },
}

/** Each file and damage in turn, at a place that the seed says. */
const caseOf = (seed: number) => {
  const kinds = Object.keys(DAMAGES)
  const file = files[seed % files.length] ?? ''
  const kind = kinds[(seed + Math.floor(seed / files.length)) % kinds.length] ?? ''
  return { file, kind, chance: random(seed) }
}

describe('a damaged store', () => {
  it.each(SEEDS)('answers as before, or names what is damaged and is mended (seed %i)', async seed => {
    await restore()
    const { file, kind, chance } = caseOf(seed)
    await DAMAGES[kind]?.(join(store.root, file), chance)
    const about = `${kind} of ${file}, QUERN_DAMAGES=${seed}-${seed}`
    await expectTruth(about)
    await expectRecordsOrNone(
      about,
      join(store.root, files.find(path => /^recorded.*\.jsonl$/.test(path)) ?? ''),
    )
  })
})

describe('a store in which a file or a dead link stands in the place of a folder', () => {
  const folders = [
    'offline',
    'offline/warmth/v1',
    'offline/warmth/v1/log',
    'offline/rain/v1/data',
    'pushed',
    'heads',
  ]
  it.each([...folders, 'plans', 'training-sets', 'training-sets/manifests'])(
    '%s is named and mended',
    async folder => {
      const path = join(store.root, folder)
      for (const put of [() => writeFile(path, 'x'), () => symlink('/nowhere/at/all', path)]) {
        await restore()
        await rm(path, { recursive: true })
        await put()
        const { root, objects } = store
        const repairs = await repairStore({ root, objects, stamp: 'now' })
        expect(repairs[0]).toMatchObject({ path: folder, what: 'is no folder, where there was one' })
        expect(await repairStore({ root, objects, stamp: 'later' })).toEqual([])
        for (const key of VIEWS) await ingest(store, viewOf(store.plan, key))
        await answers()
      }
    },
  )
})

it('the newest file that was pushed is not gone unnoticed, be its head gone with it', async () => {
  await restore()
  const newest = files.filter(path => path.startsWith('pushed/')).at(-1) ?? ''
  await Promise.all([newest, 'heads/warmth@1.json'].map(path => rm(join(store.root, path))))
  const { root, objects } = store
  await expect(ingest(store, viewOf(store.plan, 'warmth@1'))).rejects.toThrow(
    /heads\/warmth@1.json is missing/,
  )
  expect(await repairStore({ root, objects, stamp: 'now' })).toMatchObject([
    {
      path: 'heads/warmth@1.json',
      next: [expect.stringContaining('push what was pushed for warmth@1 last again')],
    },
  ])
})

async function expectTruth(about: string): Promise<void> {
  try {
    expect({ about, ...(await answers()) }).toEqual({ about, ...expected })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StoreError') throw error
    expect({ about, error }).toMatchObject({
      error: { code: 'store-damaged', message: expect.stringMatching(/^\/.* run quern repair/) },
    })
    await expectMended(about)
  }
}

/** What cannot be had again is another: new secrets, no rollout, sets that are made anew. */
async function expectMended(about: string): Promise<void> {
  const { root, objects } = store
  expect([about, await repairStore({ root, objects, stamp: 'now' })]).not.toEqual([about, []])
  for (const key of VIEWS) await ingest(store, viewOf(store.plan, key))
  const after = await answers()
  expect({ about, ...after }).toMatchObject({
    about,
    tables: expected.tables,
    text: expected.text,
    rows: expected.rows,
  })
  expect([about, await repairStore({ root, objects, stamp: 'later' })]).toEqual([about, []])
}

/** No record is another than what was recorded, and one that is lacking is told; but that a file is there. */
async function expectRecordsOrNone(about: string, recorded: string): Promise<void> {
  if (!(await stat(recorded).catch(() => null))?.isFile()) return
  const lines = await Array.fromAsync(folderFeatureLogReader(store.root).read('now'))
  const ofService = lines.filter(line => line === '' || line.includes('"service":"now"'))
  for (const line of ofService)
    expect([about, ['', ...RECORDS]]).toEqual([about, expect.arrayContaining([line])])
  if (!ofService.includes('')) expect([about, ofService]).toEqual([about, RECORDS])
}
