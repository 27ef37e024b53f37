/**
 * Faults of the machine, reported by Node, DuckDB or SQLite. One table maps each fault's codes and messages to one
 * {@link StoreError}. A machine fault is never reported as an error in a source or a query, and never with an
 * engine's advice.
 */
import { isFromBelow, StoreError, type StoreErrorCode } from '../../store-error.ts'

interface MachineFault {
  /** Error codes of Node and the system. */
  readonly system: readonly string[]
  /** SQLite's primary result codes. */
  readonly sqlite: readonly number[]
  /** Pattern of DuckDB's messages. */
  readonly duckdb: RegExp
  /** @param where the quoted path with a leading space; or empty */
  readonly sentence: (where: string) => string
}

const FAULTS = {
  'disk-full': {
    system: ['ENOSPC', 'EDQUOT', 'EFBIG'],
    sqlite: [13],
    duckdb: /no space left|disk quota|file too large|failed to offload|max_temp_directory_size/i,
    sentence: where =>
      `there is no room to write${where}: the disk is full, or a quota or file size limit is reached; make room and run it again, what was there before is as it was`,
  },
  'not-permitted': {
    system: ['EACCES', 'EPERM', 'EROFS'],
    sqlite: [3, 8, 14],
    duckdb: /permission denied|read-only file system|operation not permitted/i,
    sentence: where =>
      `this user may not read or write${where}, or it lies on a read-only disk; give the user that right, or use another folder`,
  },
  'too-many-files': {
    system: ['EMFILE', 'ENFILE'],
    sqlite: [],
    duckdb: /too many open files/i,
    sentence: where =>
      `no more files can be opened, ${where === '' ? 'of whatever kind' : `such as${where}`}: the limit of this process or machine is reached; raise it (ulimit -n) and run it again`,
  },
  'out-of-memory': {
    system: ['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED'],
    sqlite: [7],
    duckdb: /^out of memory error|bad allocation|failed to allocate|could not allocate/i,
    sentence: () =>
      'there is not enough memory for this query; let it use more with QUERN_MEMORY, such as QUERN_MEMORY=2GB, or give it less to read at once',
  },
  'disk-failed': {
    system: ['EIO'],
    sqlite: [10],
    duckdb: /input\/output error/i,
    sentence: where => `the disk did not read or write${where}; check the disk, and run it again`,
  },
} as const satisfies Partial<Record<StoreErrorCode, MachineFault>>

const TABLE: readonly (readonly [StoreErrorCode, MachineFault])[] = Object.entries(FAULTS).map(
  ([code, fault]) => [code as keyof typeof FAULTS, fault],
)

/** Converts an error, or one of its causes, to a machine fault; null: it is not a machine fault. */
export function machineFault(error: unknown): StoreError | null {
  // `instanceof` fails for errors from another realm.
  for (let each = error, depth = 0; isObject(each) && depth < 5; each = causeOf(each), depth++) {
    if (isFromBelow(each)) return each
    if (each instanceof StoreError) return null
    const found = TABLE.find(([, fault]) => matches(each, fault))
    if (found !== undefined) return faultOf(found, each, error)
  }
  return null
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const causeOf = (error: object): unknown => ('cause' in error ? error.cause : undefined)

const textIn = (error: object, name: string): string | undefined => {
  const value = Object.entries(Object.getOwnPropertyDescriptors(error)).find(([key]) => key === name)?.[1]
    .value
  return typeof value === 'string' ? value : undefined
}

function matches(error: object, { system, sqlite, duckdb }: MachineFault): boolean {
  const code = textIn(error, 'code')
  if (code === 'ERR_SQLITE_ERROR')
    return 'errcode' in error && typeof error.errcode === 'number' && sqlite.includes(error.errcode & 0xff)
  if (code !== undefined) return system.includes(code)
  return FROM_DUCKDB.test(messageOf(error)) && duckdb.test(messageOf(error))
}

/** DuckDB's messages begin with an error kind. Only these kinds can be machine faults. */
const FROM_DUCKDB = /^(IO Error|Out of Memory Error|Fatal Error|TransactionContext Error|Invalid Error)/i

const messageOf = (error: object): string => ('message' in error ? String(error.message) : '')

function faultOf([code, { sentence }]: (typeof TABLE)[number], error: object, cause: unknown): StoreError {
  const path = textIn(error, 'path') ?? /file "([^"]+)"/.exec(messageOf(error))?.[1]
  return new StoreError(code, sentence(path === undefined ? '' : ` ${path}`), { cause })
}
