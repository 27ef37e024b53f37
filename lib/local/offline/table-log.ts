/**
 * The log of a table in a folder: the committed files, in order.
 *
 *   log/00000001.json   a sealed entry (see sealed-text.ts) with the hashes of the previous entry and of its own files
 *   log/head.json       the minimum number of entries, and the hash of the last of them
 *
 * A writer writes an entry to a temporary file and links it into place. The link fails if the entry exists, so one of
 * two writers wins. The head is written later and may lag behind; it only detects missing entries at the end.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { DamagedFile, damaged, OTHER_CONTENT } from '../files/damaged.ts'
import { hasCode } from '../files/error-code.ts'
import { opened, sealed, sha256 } from '../files/sealed-text.ts'
import { otherKind, storedText } from '../files/stored-file.ts'
import { writeWhole } from '../files/write-whole.ts'
import { fileHash } from '../sources/file-hash.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

const logEntry = z.object({
  /** Id of the table; the same in all its entries. */
  table: z.string(),
  /** `name@version`. Entries of earlier versions lack this field and the next two. */
  view: z.string().optional(),
  /** Sequence number, from 1. */
  sequence: z.number().optional(),
  /** Hash of the text of the previous entry; null for the first. */
  previous: hash.nullable().optional(),
  batch: z.string(),
  /** Microseconds since 1970, as text, because JSON numbers are too small. */
  created: z.string().transform(BigInt),
  newest: z.string().transform(BigInt).nullable(),
  rows: z.number(),
  files: z.array(
    z.object({
      path: z.string(),
      rows: z.number(),
      bytes: z.number(),
      /** SHA-256 of the file's content; missing for files of earlier versions. */
      sha256: hash.optional(),
    }),
  ),
  columns: z.record(z.string(), z.string()),
  /** Hash of the definition that produced the rows; missing in entries of earlier versions. */
  definition: z.string().nullable().default(null),
})

/** A parsed entry, and the hash of its text. */
export type LogEntry = z.output<typeof logEntry> & { readonly hash: string }

/** A batch's part of an entry; the log adds its position. */
export type NewEntry = Omit<z.input<typeof logEntry>, 'sequence' | 'previous'>

const head = z.object({ sequence: z.number(), entry: hash })

const HEAD = 'head.json'

const nameOf = (sequence: number): string => `${String(sequence).padStart(8, '0')}.json`

/** A table without batches has no log. */
async function namesIn(log: string): Promise<readonly string[]> {
  try {
    return await readdir(log)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw otherKind(log, error) ?? error
  }
}

/** @throws {StoreError} `store-damaged` if the log is damaged; it does not check data files */
export async function readLog(folder: string): Promise<readonly LogEntry[]> {
  const log = join(folder, 'log')
  // Read the head before the entries, so that a concurrent commit does not look like a missing entry.
  const least = await readHead(join(log, HEAD))
  const names = await namesIn(log)
  const entries = names.filter(name => /^\d{8}\.json$/.test(name)).sort()
  const gap = entries.findIndex((name, i) => name !== nameOf(i + 1))
  if (gap >= 0) throw damaged(join(log, nameOf(gap + 1)), 'is missing')
  const read = await Promise.all(entries.map(name => readEntry(join(log, name))))
  for (const [i, entry] of read.entries()) refuseOtherPlace(folder, entry, i, read[i - 1])
  if (least !== null) refuseShorter(log, read, least)
  return read
}

async function parsed<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T; readonly text: string } | null> {
  const text = await storedText(path)
  if (text === null) return null
  const content = opened(text)
  if (content.state === 'damaged') throw damaged(path, OTHER_CONTENT)
  const value = schema.safeParse(JSON.parse(content.text))
  if (value.success) return { value: value.data, text }
  throw damaged(path, 'cannot be read: it is damaged, or of another version of quern', value.error)
}

async function readEntry(path: string): Promise<LogEntry> {
  const found = await parsed(path, logEntry)
  if (found === null) throw damaged(path, 'is missing')
  return { ...found.value, hash: sha256(found.text) }
}

/** `name@version` of the folder's view. */
export const viewOf = (folder: string): string => `${basename(dirname(folder))}@${basename(folder).slice(1)}`

/** Refuses an entry that belongs to another position or another table. */
function refuseOtherPlace(folder: string, entry: LogEntry, i: number, before: LogEntry | undefined): void {
  const here = viewOf(folder)
  const isHere =
    (entry.sequence ?? i + 1) === i + 1 &&
    (entry.view ?? here) === here &&
    entry.table === (before ?? entry).table &&
    (entry.previous === undefined || entry.previous === (before?.hash ?? null))
  if (!isHere) throw damaged(join(folder, 'log', nameOf(i + 1)), 'is not the entry that was written there')
}

type Head = z.output<typeof head>

/** Null: the process died before it wrote the head, or an earlier version of quern created the table. */
const readHead = async (path: string): Promise<Head | null> => (await parsed(path, head))?.value ?? null

function refuseShorter(log: string, entries: readonly LogEntry[], { sequence, entry }: Head): void {
  const last = join(log, nameOf(sequence))
  if (sequence > entries.length) throw damaged(last, 'is missing')
  if (entries[sequence - 1]?.hash !== entry) throw damaged(last, 'is not the entry that was written there')
}

/** @throws {StoreError} `store-damaged` if a file is missing or does not match its hash */
export async function refuseDamagedFiles(
  folder: string,
  log: readonly Pick<LogEntry, 'files'>[],
): Promise<void> {
  for (const file of log.flatMap(entry => entry.files)) {
    const path = join(folder, file.path)
    const found = await fileHash(path).catch(error => {
      throw hasCode(error, 'ENOENT') ? damaged(path, 'is missing', error) : (otherKind(path, error) ?? error)
    })
    if (found.bytes !== file.bytes)
      throw damaged(path, `has ${found.bytes} bytes where ${file.bytes} were written`)
    if (found.sha256 !== (file.sha256 ?? found.sha256)) throw damaged(path, OTHER_CONTENT)
  }
}

/** Returns the intact entries whose files are all intact, in order; skips damaged ones. */
export async function wholeEntries(folder: string): Promise<readonly LogEntry[]> {
  const log = join(folder, 'log')
  const all = await namesIn(log).catch(() => [])
  const names = all.filter(name => /^\d{8}\.json$/.test(name)).sort()
  const read = await Promise.all(names.map(name => wholeEntry(folder, name)))
  const whole = read.filter(entry => entry !== null)
  return [...new Map(whole.map(entry => [entry.hash, entry])).values()]
}

async function wholeEntry(folder: string, name: string): Promise<LogEntry | null> {
  try {
    const entry = await readEntry(join(folder, 'log', name))
    await refuseDamagedFiles(folder, [entry])
    return (entry.view ?? viewOf(folder)) === viewOf(folder) ? entry : null
  } catch (error) {
    if (error instanceof DamagedFile) return null
    throw error
  }
}

/** @returns false if another writer created the entry first */
export async function commit(folder: string, log: readonly LogEntry[], entry: NewEntry): Promise<boolean> {
  const sequence = log.length + 1
  const previous = log.at(-1)?.hash ?? null
  const text = sealed(JSON.stringify({ ...entry, sequence, previous }, null, 2))
  if (!(await linked(join(folder, 'log', nameOf(sequence)), text))) return false
  const at: z.input<typeof head> = { sequence, entry: sha256(text) }
  // The batch is already committed. The head is only a lower bound, so its failure is ignored.
  await writeWhole(join(folder, 'log', HEAD), sealed(JSON.stringify(at))).catch(() => undefined)
  return true
}

async function linked(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = join(dirname(path), `.${randomUUID()}`)
  try {
    await writeFile(unfinished, text, { flush: true })
    await link(unfinished, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(unfinished, { force: true })
  }
}

/**
 * Removes a table. It renames the log first: if the process dies midway, the rest is not a table.
 * @returns its number of rows; null: it had no log
 */
export async function removeLog(folder: string): Promise<number | null> {
  const names = await namesIn(join(folder, 'log')).catch(() => [])
  // A damaged log does not prevent the removal.
  const log = await readLog(folder).catch(() => [])
  if (names.length > 0) await rename(join(folder, 'log'), join(folder, `.removed-${randomUUID()}`))
  await rm(folder, { recursive: true, force: true })
  return names.length === 0 ? null : log.reduce((sum, { rows }) => sum + rows, 0)
}
