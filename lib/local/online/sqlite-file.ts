/**
 * An SQLite file that several processes share. Readers see whole transactions; writers take turns. A committed
 * transaction is on the disk (WAL, `synchronous = full`).
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
   * @throws {SqliteBusy} after 30 s
   */
  readonly transact: <T>(work: () => T) => Promise<T>
  /** Whether the open file is still the file at the path. */
  readonly isInPlace: () => boolean
  readonly close: () => void
}

/** Another process held the write lock for too long. */
export class SqliteBusy extends Error {
  override readonly name = 'SqliteBusy'
}

const [BUSY, CORRUPT, NOT_A_DATABASE] = [5, 11, 26]

/** SQLite's primary result code: the lowest byte of an extended code. It does not use `instanceof`, see {@link hasCode}. */
const resultCode = (error: unknown): number | undefined =>
  hasCode(error, 'ERR_SQLITE_ERROR') && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined

/** Whether an error reports a damaged file. */
export function isSqliteDamage(error: unknown): boolean {
  const code = resultCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/**
 * Busy time-out of SQLite, which blocks this thread. It affects readers only while another process opens or closes
 * the file.
 */
const READER_WAITS_MS = 5_000
/** Maximum wait of a writer. It does not block the thread. */
const WRITER_WAITS_MS = 30_000
const LONGEST_POLL_MS = 8

/** Begins a write transaction; returns false while another process writes. */
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

/** Restricts the file to its owner. SQLite gives its companion files the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

export interface SqliteFileProps {
  /** Path of the file; the file and its folder are created if missing. */
  readonly path: string
  /** SQL that creates missing tables. */
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
