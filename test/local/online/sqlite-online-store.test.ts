import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import {
  openSqliteOnlineStore,
  type SqliteOnlineStore,
} from '../../../lib/local/online/sqlite-online-store.ts'
import { keyOfItem } from '../../../lib/online/item/item.ts'
import { draws } from '../../aws/faulty-dynamodb.ts'
import { itemOf, itIsAnOnlineStore, itRemovesViews } from '../../aws/online-store-suite.ts'

const WRITER = new URL('../write-until-killed.ts', import.meta.url).pathname

let folder: string
const made: string[] = []

async function newFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'quern-online-'))
  made.push(root)
  return join(root, 'online')
}

afterAll(() => Promise.all(made.map(root => rm(root, { recursive: true }))))

describe('the online store in an SQLite file', () => {
  const stores: SqliteOnlineStore[] = []
  beforeAll(async () => {
    const shared = await newFolder()
    stores.push(await openSqliteOnlineStore(shared), await openSqliteOnlineStore(shared))
  })
  afterAll(() => {
    for (const store of stores) store.close()
  })
  const at = (i: number) => () => stores[i] as SqliteOnlineStore
  itIsAnOnlineStore({ store: at(0), another: at(1) })
  itRemovesViews(at(0))
})

/** Starts a process that writes `<name>-0`, `<name>-1` … until it is killed. */
const writer = (name: string): ChildProcess =>
  spawn(process.execPath, [WRITER, folder, name], { stdio: ['ignore', 'pipe', 'ignore'] })

/** Waits until the process has acknowledged a number of items; returns the actual number. */
async function acknowledged(child: ChildProcess, count: number): Promise<number> {
  if (child.stdout === null) throw new Error('the writer has no output')
  for await (const line of createInterface(child.stdout)) if (Number(line) >= count) return Number(line)
  throw new Error('the writer ended')
}

async function killed(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.kill('SIGKILL')
  await promise
}

const keysOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => keyOfItem(itemOf(`${name}-${i}`, 1n)))

beforeEach(async () => {
  folder = await newFolder()
})

describe('the file of the online store', () => {
  it('keeps its items over a restart, in files readable by the owner only', async () => {
    const first = await openSqliteOnlineStore(folder)
    await first.write([itemOf('EWR', 1n)])
    const modes = ['.', 'items.sqlite', 'items.sqlite-wal', 'items.sqlite-shm', 'store.json'].map(
      async name => ((await stat(join(folder, name))).mode & 0o777).toString(8),
    )
    expect(await Promise.all(modes)).toStrictEqual(['700', '600', '600', '600', '600'])
    first.close()
    const second = await openSqliteOnlineStore(folder)
    expect(await second.read([keyOfItem(itemOf('EWR', 1n))])).toStrictEqual([itemOf('EWR', 1n)])
    second.close()
  })

  it('loses no acknowledged item when several writing processes are killed', async () => {
    const names = ['a', 'b', 'c']
    const children = names.map(writer)
    const counts = await Promise.all(children.map(child => acknowledged(child, 200)))
    await Promise.all(children.map(killed))
    const store = await openSqliteOnlineStore(folder)
    for (const [i, name] of names.entries())
      expect(await store.read(keysOf(name, counts[i] ?? 0))).not.toContain(undefined)
    expect(await store.write([itemOf('after', 1n)])).toStrictEqual({ written: 1, kept: 0 })
    store.close()
  })

  it('answers reads while a writer puts thousands of items', async () => {
    const store = await openSqliteOnlineStore(folder)
    const other = await openSqliteOnlineStore(folder)
    const writing = store.write(Array.from({ length: 3_000 }, (_, i) => itemOf(`bulk-${i}`, 1n)))
    let reads = 0
    let isWriting = true
    const done = writing.finally(() => {
      isWriting = false
    })
    while (isWriting) {
      await other.write([itemOf(`single-${reads}`, 1n)])
      await new Promise(resolve => setImmediate(resolve))
      reads++
    }
    expect(await done).toStrictEqual({ written: 3_000, kept: 0 })
    expect(await other.read(keysOf('single', reads))).not.toContain(undefined)
    expect(reads).toBeGreaterThan(1)
    store.close()
    other.close()
  })
})

/** A closed store with 200 items of one materialized view. */
async function filled(): Promise<void> {
  const store = await openSqliteOnlineStore(folder)
  await store.write(Array.from({ length: 200 }, (_, i) => itemOf(`n-${i}`, 1n, { humid: BigInt(i) })))
  await store.advance('weather@1', { table: 't', sequence: 3, to: 5n })
  store.close()
}

const DAMAGED = {
  name: 'StoreError',
  code: 'store-damaged',
  message: expect.stringContaining('quern rebuild'),
}

const file = (): string => join(folder, 'items.sqlite')

/** Runs SQL statements directly on the file. */
function tampered(sql: string): void {
  const database = new DatabaseSync(file())
  database.exec(sql)
  database.close()
}

describe('a damaged file of the online store', () => {
  beforeEach(filled)

  it.each([
    ['missing', () => rm(file())],
    ['empty', () => writeFile(file(), '')],
    ['no database', () => writeFile(file(), 'x'.repeat(8_192))],
    ['cut in half', async () => writeFile(file(), (await readFile(file())).subarray(0, 20_480))],
    ['short of an item', () => tampered("delete from items where pk = 'weather@1|n-7'")],
    ['short of what it knows of its views', () => tampered('delete from records')],
    [
      'moved on by nobody',
      () => tampered(`update records set text = replace(text, '"sequence":3', '"sequence":4')`),
    ],
    ['of a later format', () => tampered('pragma user_version = 9')],
    ['beside a store.json that is not JSON', () => writeFile(join(folder, 'store.json'), '{')],
  ])('is refused at opening when it is %s', async (_name, damage) => {
    await damage()
    await expect(openSqliteOnlineStore(folder)).rejects.toMatchObject(DAMAGED)
  })

  it('is refused at opening when it is an older copy of itself', async () => {
    await copyFile(file(), `${file()}.copy`)
    const store = await openSqliteOnlineStore(folder)
    await store.advance('weather@1', { table: 't', sequence: 4, to: 6n })
    store.close()
    await copyFile(`${file()}.copy`, file())
    await expect(openSqliteOnlineStore(folder)).rejects.toMatchObject(DAMAGED)
  })

  it('is refused at opening when it is a copy from before items that were pushed', async () => {
    await copyFile(file(), `${file()}.copy`)
    const store = await openSqliteOnlineStore(folder)
    expect(await store.write([itemOf('pushed', 1n)])).toMatchObject({ written: 1 })
    store.close()
    await copyFile(`${file()}.copy`, file())
    await expect(openSqliteOnlineStore(folder)).rejects.toMatchObject(DAMAGED)
  })

  it('is refused at opening when a folder is in its place', async () => {
    await rm(file())
    await mkdir(file())
    await expect(openSqliteOnlineStore(folder)).rejects.toMatchObject(DAMAGED)
  })

  it('is refused when it is removed while it is open', async () => {
    const store = await openSqliteOnlineStore(folder)
    await rm(folder, { recursive: true })
    await expect(store.read(keysOf('n', 1))).rejects.toMatchObject(DAMAGED)
    await expect(store.write([itemOf('x', 1n)])).rejects.toMatchObject(DAMAGED)
    store.close()
  })

  it('returns no item whose text was changed', async () => {
    tampered(`update items set text = replace(text, '"humid":{"N":"42"}', '"humid":{"N":"43"}')`)
    const store = await openSqliteOnlineStore(folder)
    expect(await store.read(keysOf('n', 42))).not.toContain(undefined)
    await expect(store.read(keysOf('n', 43))).rejects.toMatchObject(DAMAGED)
    store.close()
  })
})

/** The response of a store in the folder for all keys, or its refusal. */
async function answers(): Promise<unknown> {
  let store: SqliteOnlineStore | undefined
  try {
    store = await openSqliteOnlineStore(folder)
    return [await store.read(keysOf('n', 200)), await store.watermark('weather@1')]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'store-damaged') return 'refused'
    throw error
  } finally {
    store?.close()
  }
}

it('the online store gives the same answers or refuses after any byte of the file is flipped', async () => {
  await filled()
  const whole = await readFile(file())
  const right = await answers()
  const draw = draws(16)
  const refused: number[] = []
  for (let i = 0; i < 250; i++) {
    const place = Math.floor(draw() * whole.length)
    await writeFile(file(), whole)
    const handle = await open(file(), 'r+')
    await handle.write(Uint8Array.of((whole[place] ?? 0) ^ (1 << Math.floor(draw() * 8))), 0, 1, place)
    await handle.close()
    for (const beside of ['-wal', '-shm']) await rm(`${file()}${beside}`, { force: true })
    const answered = await answers()
    if (answered === 'refused') refused.push(place)
    else expect({ place, answered }).toStrictEqual({ place, answered: right })
  }
  expect(refused.length).toBeGreaterThan(60)
})
