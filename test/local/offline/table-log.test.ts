/** Damage that an offline table in a folder detects, file by file. */
import { copyFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource } from '../../../lib/definition/index.ts'
import { type Column, viewOf } from '../../../lib/plan/plan.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const city = entity({ name: 'city', joinKeys: { city: 'string' } })
const view = (name: string) =>
  featureView({
    name,
    entities: [city],
    source: fileSource({ name, path: `${name}.parquet`, eventTimestamp: 'at' }),
    features: { temp: 'float64' },
  })
const definitions = [featureService({ name: 'now', features: [view('weather'), view('climate')] })]

const COLUMNS: readonly Column[] = [
  { name: 'city', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'temp', type: 'float64' },
]

let store: TemporaryStore
/** A copy of the undamaged tables. */
let whole: string

/** Two tables with three batches each. */
beforeAll(async () => {
  store = await temporaryStore({ definitions })
  whole = join(store.root, 'whole')
  for (const [name, first] of [
    ['weather', 1],
    ['climate', 11],
  ] as const)
    for (const temp of [first, first + 1, first + 2]) {
      await store.writeSource(`${name}.parquet`, COLUMNS, [['oslo', BigInt(temp), temp]])
      await ingest(store, viewOf(store.plan, `${name}@1`))
    }
  await cp(join(store.root, 'offline'), whole, { recursive: true })
})

beforeEach(async () => {
  await rm(join(store.root, 'offline'), { recursive: true })
  await cp(whole, join(store.root, 'offline'), { recursive: true })
})

afterAll(async () => {
  await store[Symbol.asyncDispose]()
})

const folderOf = (name = 'weather'): string => join(store.root, 'offline', name, 'v1')
const entryOf = (sequence: number, name = 'weather'): string =>
  join(folderOf(name), 'log', `0000000${sequence}.json`)

async function dataOf(name = 'weather'): Promise<string> {
  const { files } = JSON.parse(await readFile(entryOf(2, name), 'utf8'))
  return join(folderOf(name), files[0].path)
}

const read = () => store.offline.table(viewOf(store.plan, 'weather@1'))

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
}

async function exchange(a: string, b: string): Promise<void> {
  await copyFile(a, `${a}.kept`)
  await rename(b, a)
  await rename(`${a}.kept`, b)
}

describe('a table in a folder', () => {
  it.each<[string, RegExp, () => Promise<void>]>([
    ['a byte of a data file', /other content than was written/, async () => flip(await dataOf(), 30)],
    [
      'a data file cut short',
      /has 4 bytes where \d+ were written/,
      async () => writeFile(await dataOf(), 'PAR1'),
    ],
    ['a data file that is missing', /is missing/, async () => rm(await dataOf())],
    [
      'a data file of another table',
      /other content than was written/,
      async () => exchange(await dataOf(), await dataOf('climate')),
    ],
    ['a byte of an entry', /00000002\.json has other content/, () => flip(entryOf(2), 20)],
    ['an entry cut short', /00000003\.json has other content/, () => writeFile(entryOf(3), '{"table":')],
    ['an entry in the middle that is missing', /00000002\.json is missing/, () => rm(entryOf(2))],
    ['the last entry that is missing', /00000003\.json is missing/, () => rm(entryOf(3))],
    [
      'entries in another order',
      /00000001\.json is not the entry that was written there/,
      () => exchange(entryOf(1), entryOf(2)),
    ],
    [
      'an entry of another table',
      /00000001\.json is not the entry that was written there/,
      () => exchange(entryOf(1), entryOf(1, 'climate')),
    ],
    ['an older last entry', /00000003\.json is not the entry/, async () => copyFile(entryOf(2), entryOf(3))],
    ['a byte of the head', /head\.json has other/, () => flip(join(folderOf(), 'log/head.json'), 12)],
  ])('detects %s and names the file and the command that repairs it', async (_, message, damage) => {
    expect((await read()).rows).toBe(3)
    await damage()
    await expect(read()).rejects.toMatchObject({
      code: 'store-damaged',
      message: expect.stringMatching(message),
    })
    await expect(read()).rejects.toThrow(/; run quern repair: /)
  })

  it('reads a table without a head, as earlier versions wrote it', async () => {
    await rm(join(folderOf(), 'log/head.json'))
    expect((await read()).rows).toBe(3)
  })

  it('reads entries without hashes, as earlier versions wrote them, and appends to them', async () => {
    const log = join(folderOf(), 'log')
    await rm(join(log, 'head.json'))
    for (const name of await readdir(log)) {
      const {
        sha256: _seal,
        view: _view,
        sequence: _place,
        previous: _chain,
        ...entry
      } = JSON.parse(await readFile(join(log, name), 'utf8'))
      for (const file of entry.files) delete file.sha256
      await writeFile(join(log, name), JSON.stringify(entry, null, 2))
    }
    expect((await read()).rows).toBe(3)
    await store.writeSource('weather.parquet', COLUMNS, [['oslo', 4n, 4]])
    await ingest(store, viewOf(store.plan, 'weather@1'))
    expect((await read()).rows).toBe(4)
    await flip(entryOf(3), 20)
    await expect(read()).rejects.toMatchObject({ code: 'store-damaged' })
  })
})
