/**
 * The file of the local online store, `<folder>/items.sqlite`, and the checks when it is opened:
 *
 * - SQLite's own check of pages and indexes,
 * - the number of items against the store's own count,
 * - the store's identity and number of writes against `<folder>/store.json`. This detects a file that was removed,
 *   restored from a copy or truncated in its write-ahead log.
 *
 * Each text in the file has a checksum, which is checked when the text is read.
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

/**
 * Maximum size of a file to check page by page at each opening. The check takes about 1 s per gigabyte, and more on a
 * slow disk.
 */
const CHECKED_BYTES = 256 * 1024 * 1024

const Identity = z.object({
  id: z.string(),
  /** Number of writes: of items, of watermarks, and removals of views. */
  moves: z.int(),
})
type Identity = z.infer<typeof Identity>

/** Records about the store and each view, as JSON by name. */
export interface Records {
  readonly read: (name: string) => unknown
  readonly write: (name: string, content: object) => void
  readonly remove: (name: string) => void
}

export interface OnlineFile extends SqliteFile {
  readonly records: Records
  /** Increments the number of writes; call it within the transaction. */
  readonly move: () => void
  /** Writes the identity and the number of writes to store.json; call it after the transaction. */
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
      // The table is strict, so its columns have these types.
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

/** Reads store.json; null: the store never existed. */
function readWitness(folder: string, damaged: OnlineFile['damaged']): Identity | null {
  try {
    return Identity.parse(JSON.parse(readFileSync(witnessFile(folder), 'utf8')))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw damaged('store.json cannot be read', error)
  }
}

/** Writes store.json atomically. */
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

/** The store's own record of a view: its item count and its watermark. */
export const ViewRecord = z.object({
  items: z.int(),
  watermark: z.nullable(z.object({ table: z.string(), sequence: z.int(), to: z.string() })),
})
export type ViewRecord = z.infer<typeof ViewRecord>

/** Prefix of the names of view records. */
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

/** Compares the store's identity with store.json. */
function checkIdentity(file: OnlineFile, witness: Identity | null): void {
  const found = file.records.read(IDENTITY)
  const own = found === undefined ? null : Identity.parse(found)
  if (witness !== null && (own === null || own.id !== witness.id || own.moves < witness.moves))
    throw file.damaged('its file is not the one that was written last, or has lost what was written last')
}

async function ensureIdentity(file: OnlineFile): Promise<void> {
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

/** Runs all checks in one read transaction, so that they see one state. */
function check(file: OnlineFile, witness: Identity | null): void {
  file.database.exec('begin')
  try {
    checkPages(file)
    checkCounts(file)
    checkIdentity(file, witness)
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
 * Opens the store in a folder, or creates it.
 * @throws {StoreError} `store-damaged`
 */
export async function openOnlineFile(folder: string): Promise<OnlineFile> {
  const damaged = damagedIn(folder)
  const witness = readWitness(folder, damaged)
  if (witness !== null && !existsSync(itemsFile(folder))) throw damaged('items.sqlite is missing')
  let file: OnlineFile | undefined
  try {
    file = makeFile(folder)
    chmodSync(folder, 0o700)
    checkVersion(file)
    check(file, witness)
    await ensureIdentity(file)
    return file
  } catch (error) {
    file?.close()
    if (isSqliteDamage(error)) throw damaged('SQLite cannot read it', error)
    if (NO_FILE.some(code => hasCode(error, code)))
      throw damaged('items.sqlite is no file, or its folder no folder', error)
    throw machineFault(error) ?? error
  }
}

/** Error codes if a path is of another kind, or a dangling link. */
const NO_FILE = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP']

/** Removes the store in a folder, even if it is damaged. */
export const removeOnlineFile = (folder: string): void => rmSync(folder, { recursive: true, force: true })
