/**
 * An SQLite file that several processes share: readers see whole transactions, writers take turns. A transaction that
 * has ended is on the disk (WAL, `synchronous = full`).
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from '../files/error-code.ts'

export interface SqliteFile {
  readonly path: string
  readonly database: DatabaseSync
  /**
   * Runs synchronous work as one transaction; waits while another process writes.
   * @throws {SqliteBusy} if that takes longer than 30 s
   */
  readonly transact: <T>(work: () => T) => Promise<T>
  /** Is the file that is open here still the one at the path? */
  readonly isInPlace: () => boolean
  readonly close: () => void
}

/** Another process writes all the time. */
export class SqliteBusy extends Error {
  override readonly name = 'SqliteBusy'
}

const [BUSY, CORRUPT, NOT_A_DATABASE] = [5, 11, 26]

/** SQLite's primary result code, which is the lowest byte of an extended one. Asked by shape: see {@link hasCode}. */
const resultCode = (error: unknown): number | undefined =>
  hasCode(error, 'ERR_SQLITE_ERROR') && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined

/** Does an error say that the file's content is damaged? */
export function isSqliteDamage(error: unknown): boolean {
  const code = resultCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/** SQLite itself waits so long, in this thread: for a reader, which waits only while another process opens or closes. */
const READER_WAITS_MS = 5_000
/** A writer waits so long, and the thread does other work meanwhile. */
const WRITER_WAITS_MS = 30_000
const LONGEST_POLL_MS = 8

/** Begins a write, unless another process writes. */
function begin(database: DatabaseSync): boolean {
  database.exec('pragma busy_timeout = 0')
  try {
    database.exec('begin immediate')
    return true
  } catch (error) {
    if (resultCode(error) === BUSY) return false
    throw error
  } finally {
    database.exec(`pragma busy_timeout = ${READER_WAITS_MS}`)
  }
}

async function transact<T>(database: DatabaseSync, work: () => T): Promise<T> {
  for (
    const end = Date.now() + WRITER_WAITS_MS;
    !begin(database);
    await sleep(Math.random() * LONGEST_POLL_MS)
  )
    if (Date.now() > end) throw new SqliteBusy('another process has been writing for 30 seconds')
  try {
    const result = work()
    database.exec('commit')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** Of its owner alone; SQLite gives the files beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

export interface SqliteFileProps {
  /** Made if absent, with its folder. */
  readonly path: string
  /** Makes the tables that are not there. */
  readonly schema: string
}

export function openSqliteFile({ path, schema }: SqliteFileProps): SqliteFile {
  makePrivate(path)
  const database = new DatabaseSync(path, { timeout: READER_WAITS_MS })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384')
    database.exec(schema)
  } catch (error) {
    database.close()
    throw error
  }
  const { ino } = statSync(path)
  return {
    path,
    database,
    transact: work => transact(database, work),
    isInPlace: () => statSync(path, { throwIfNoEntry: false })?.ino === ino,
    close: () => database.close(),
  }
}
