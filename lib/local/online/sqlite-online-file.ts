/**
 * The file of the laptop's online store, `<folder>/items.sqlite`, and what is checked of it when it is opened:
 *
 * - SQLite's own check of its pages and indexes,
 * - the number of items against the number that the store has counted,
 * - the store's identity and how often it was written, against `<folder>/store.json`: a file that was removed, put
 *   back from a copy or cut off in its log of writes is found out.
 *
 * Each text in it has a checksum, which is checked when it is read.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { StoreError } from '../../store-error.ts'
import { machineFault } from '../engine/machine-fault.ts'
import { type CheckedText, checksumOf, isIntact } from '../files/checked-text.ts'
import { hasCode } from '../files/error-code.ts'
import { isSqliteDamage, openSqliteFile, type SqliteFile } from './sqlite-file.ts'

const SCHEMA_VERSION = 1

const SCHEMA = `
  create table if not exists items (
    pk text not null, sk text not null, text text not null, checksum integer not null, unique (pk, sk)
  ) strict;
  create table if not exists records (
    name text primary key, text text not null, checksum integer not null
  ) strict, without rowid`

/** A larger file is not checked page by page at each opening: it takes a second for each gigabyte, and more from a slow disk. */
const CHECKED_BYTES = 256 * 1024 * 1024

const Identity = z.object({
  id: z.string(),
  /** How often items were written, a watermark moved or a view was removed. */
  moves: z.int(),
})
type Identity = z.infer<typeof Identity>

/** What the store knows of itself and of each view, as JSON under a name. */
export interface Records {
  readonly read: (name: string) => unknown
  readonly write: (name: string, content: object) => void
  readonly remove: (name: string) => void
}

export interface OnlineFile extends SqliteFile {
  readonly records: Records
  /** Counts a write; within its transaction. */
  readonly move: () => void
  /** Writes beside the file how far it is; after the transaction. */
  readonly witness: () => void
  readonly damaged: (what: string, cause?: unknown) => StoreError
}

const itemsFile = (folder: string): string => join(folder, 'items.sqlite')
const witnessFile = (folder: string): string => join(folder, 'store.json')

const damagedIn =
  (folder: string) =>
  (what: string, cause?: unknown): StoreError =>
    new StoreError(
      'store-damaged',
      `the online store in ${folder} is damaged: ${what}; run quern rebuild, which fills it again from the offline store`,
      { cause },
    )

function recordsOf({ database }: SqliteFile, damaged: OnlineFile['damaged']): Records {
  const find = database.prepare('select text, checksum from records where name = ?')
  const put = database.prepare('insert or replace into records values (?, ?, ?)')
  const drop = database.prepare('delete from records where name = ?')
  return {
    read: name => {
      // The table's two columns are of these types: it is strict.
      const found = find.get(name) as CheckedText | undefined
      if (found === undefined) return undefined
      if (!isIntact(found)) throw damaged(`what it knows of ${name} does not match its checksum`)
      return JSON.parse(found.text)
    },
    write: (name, content) => {
      const text = JSON.stringify(content)
      put.run(name, text, checksumOf(text))
    },
    remove: name => void drop.run(name),
  }
}

/** What stands beside the file; null: no file was ever there. */
function readWitness(folder: string, damaged: OnlineFile['damaged']): Identity | null {
  try {
    return Identity.parse(JSON.parse(readFileSync(witnessFile(folder), 'utf8')))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw damaged('store.json cannot be read', error)
  }
}

/** Whole or not at all. */
function writeWitness(folder: string, identity: Identity): void {
  const unfinished = `${witnessFile(folder)}.${randomUUID()}`
  writeFileSync(unfinished, `${JSON.stringify(identity)}\n`, { mode: 0o600, flush: true })
  renameSync(unfinished, witnessFile(folder))
}

const OnlyNumber = z.object({ number: z.number() })

function checkPages(file: OnlineFile): void {
  if (statSync(file.path).size > CHECKED_BYTES) return
  const [found] = file.database.prepare('pragma integrity_check(1)').all()
  const answer = Object.values(found ?? {})[0]
  if (answer !== 'ok') throw file.damaged(`SQLite's check of it says: ${String(answer).trim()}`)
}

/** How many items the views have by their own count. */
export const ViewRecord = z.object({
  items: z.int(),
  watermark: z.nullable(z.object({ table: z.string(), sequence: z.int(), to: z.string() })),
})
export type ViewRecord = z.infer<typeof ViewRecord>

/** Names of what is known of views begin so. */
export const VIEW = 'view '

function checkCounts(file: OnlineFile): void {
  const names = file.database.prepare('select name from records').all()
  const counted = names
    .map(({ name }) => String(name))
    .filter(name => name.startsWith(VIEW))
    .reduce((sum, name) => sum + ViewRecord.parse(file.records.read(name)).items, 0)
  const { number } = OnlyNumber.parse(file.database.prepare('select count(*) as number from items').get())
  if (number !== counted) throw file.damaged(`it holds ${number} items, and has counted ${counted}`)
}

const IDENTITY = 'store'

/** The store's own identity, given with its first opening, and what stands beside it. */
function checkIdentity(file: OnlineFile, beside: Identity | null): void {
  const found = file.records.read(IDENTITY)
  const own = found === undefined ? null : Identity.parse(found)
  if (beside !== null && (own === null || own.id !== beside.id || own.moves < beside.moves))
    throw file.damaged('its file is not the one that was written last, or has lost what was written last')
}

async function giveIdentity(file: OnlineFile): Promise<void> {
  if (file.records.read(IDENTITY) === undefined)
    await file.transact(() => {
      if (file.records.read(IDENTITY) === undefined)
        file.records.write(IDENTITY, { id: randomUUID(), moves: 0 } satisfies Identity)
    })
  file.witness()
}

function checkVersion({ database, damaged }: OnlineFile): void {
  const version = Object.values(database.prepare('pragma user_version').get() ?? {})[0]
  if (version === 0) database.exec(`pragma user_version = ${SCHEMA_VERSION}`)
  else if (version !== SCHEMA_VERSION)
    throw damaged(`its format ${version} is that of another version of quern`)
}

/** Of one state, whatever other processes write meanwhile. */
function check(file: OnlineFile, beside: Identity | null): void {
  file.database.exec('begin')
  try {
    checkPages(file)
    checkCounts(file)
    checkIdentity(file, beside)
  } finally {
    file.database.exec('rollback')
  }
}

function makeFile(folder: string): OnlineFile {
  const damaged = damagedIn(folder)
  const file = openSqliteFile({ path: itemsFile(folder), schema: SCHEMA })
  const records = recordsOf(file, damaged)
  const identity = (): Identity => Identity.parse(records.read(IDENTITY))
  return {
    ...file,
    records,
    damaged,
    move: () => {
      const { id, moves } = identity()
      records.write(IDENTITY, { id, moves: moves + 1 })
    },
    witness: () => writeWitness(folder, identity()),
  }
}

/**
 * Opens the store in a folder, or makes it there.
 * @throws {StoreError} `store-damaged`
 */
export async function openOnlineFile(folder: string): Promise<OnlineFile> {
  const damaged = damagedIn(folder)
  const beside = readWitness(folder, damaged)
  if (beside !== null && !existsSync(itemsFile(folder))) throw damaged('items.sqlite is missing')
  let file: OnlineFile | undefined
  try {
    file = makeFile(folder)
    chmodSync(folder, 0o700)
    checkVersion(file)
    check(file, beside)
    await giveIdentity(file)
    return file
  } catch (error) {
    file?.close()
    if (isSqliteDamage(error)) throw damaged('SQLite cannot read it', error)
    if (NO_FILE.some(code => hasCode(error, code)))
      throw damaged('items.sqlite is no file, or its folder no folder', error)
    throw machineFault(error) ?? error
  }
}

/** What the system says where a folder, a file or a link that leads nowhere stands in the place of another. */
const NO_FILE = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP']

/** Removes the store in a folder, whatever its state. */
export const removeOnlineFile = (folder: string): void => rmSync(folder, { recursive: true, force: true })
