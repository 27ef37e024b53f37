/**
 * Pushed rows and events in the store's folder, one file per key and call. On AWS, a delivery stream does this.
 *
 *   <root>/pushed/<key>/00000001-<SHA-256 of the content>.jsonl
 *   <root>/heads/<key>.json   minimum number of files
 *
 * A process writes a number only after the previous number exists, so a missing number means a lost file. Two
 * processes may use the same number; their files differ in the hash.
 */
import { randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { decodedLines } from '../../offline/ingest/pushed-lines.ts'
import type { Column } from '../../plan/plan.ts'
import type { ObjectStore, OfflineEngine, PushedLine, PushedLines, PushedRows } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { contentHash } from '../../text/canonical.ts'
import { damaged, OTHER_CONTENT } from '../files/damaged.ts'
import { hasCode } from '../files/error-code.ts'
import { keep, keptFiles, refuseLost } from '../files/kept-files.ts'
import { sha256 } from '../files/sealed-text.ts'
import { otherKind } from '../files/stored-file.ts'
import { fileHash } from '../sources/file-hash.ts'

const FOLDER = 'pushed'
const HEADS = 'heads'

/** Earlier versions used random file names, so their content cannot be verified. */
const NAME = /^(?:(\d{8})-([0-9a-f]{64})|[0-9a-f-]{36})\.jsonl$/

export const nameOf = (sequence: number, text: string): string =>
  `${String(sequence).padStart(8, '0')}-${sha256(text)}.jsonl`

const namesIn = async (objects: ObjectStore, folder: string): Promise<readonly string[]> =>
  (await objects.list(folder)).filter(name => name.endsWith('.jsonl')).sort()

/** Path of a key's head, relative to the store's folder. */
export const headOf = (key: string): string => join(HEADS, `${key}.json`)

/** All keys that have pushed rows. */
export async function pushedKeys(
  objects: ObjectStore,
  folders: readonly string[],
): Promise<readonly string[]> {
  const kept = (await keptFiles(objects.path())).filter(name => dirname(name) === HEADS)
  const heads = [...kept, ...(await objects.list(objects.path(HEADS)))].filter(name => name.endsWith('.json'))
  return [...new Set([...heads.map(name => basename(name, '.json')), ...folders])].sort()
}

const numberOf = (name: string): number => Number(NAME.exec(name)?.[1] ?? 0)

export function folderPushedRows(objects: ObjectStore): PushedRows {
  const written = new Map<string, number>()
  const writeNext = async (key: string, text: string): Promise<void> => {
    const folder = objects.path(FOLDER, key)
    const last = written.get(key) ?? Math.max(0, ...(await namesIn(objects, folder)).map(numberOf))
    await objects.writeText(join(folder, nameOf(last + 1, text)), text)
    written.set(key, last + 1)
    // The lines are already written. The head is only a lower bound, so its failure is ignored.
    await writeHead(key, last + 1).catch(() => undefined)
  }
  const heads = new Set<string>()
  const writeHead = async (key: string, files: number): Promise<void> => {
    const name = headOf(key)
    await objects.writeText(objects.path(name), JSON.stringify({ files, key }))
    if (!heads.has(key)) await keep(objects.path(), name)
    heads.add(key)
  }
  let before: Promise<unknown> = Promise.resolve()
  return {
    append: lines => {
      const appending = before.then(async () => {
        for (const [key, text] of textsOf(lines)) await writeNext(key, text)
      })
      before = appending.catch(() => undefined)
      return appending
    },
  }
}

const textsOf = (lines: readonly PushedLine[]): readonly (readonly [key: string, text: string])[] =>
  Object.entries(Object.groupBy(lines, ({ key }) => key)).map(([key, list = []]) => [
    key,
    list.map(({ line }) => `${line}\n`).join(''),
  ])

export interface FolderPushedLinesProps {
  readonly objects: ObjectStore
  readonly engine: Pick<OfflineEngine, 'dialect' | 'files'>
}

/** Reads pushed lines. Each file is written atomically, and its name contains the hash of its content. */
export const folderPushedLines = ({ objects, engine }: FolderPushedLinesProps): PushedLines => ({
  open: async (key, columns) => {
    const folder = objects.path(FOLDER, key)
    const files = await pushedFiles(objects, key)
    if (files.length === 0) return null
    const paths = files.map(name => join(folder, name))
    for (const path of paths) await refuseOtherFields(objects, path, key, columns)
    return {
      relation: decodedLines(engine.dialect, columns, engine.files(paths, 'jsonl', columns)),
      fingerprint: contentHash(files),
    }
  },
})

/**
 * Lists and verifies all files of a key.
 * @throws {StoreError} `store-damaged`
 */
export async function pushedFiles(objects: ObjectStore, key: string): Promise<readonly string[]> {
  // Read the head before the files, so that a concurrent write does not look like a missing file.
  const folder = objects.path(FOLDER, key)
  const least = await leastOf(objects, key)
  const names = await namesIn(objects, folder)
  const numbers = new Set(names.map(numberOf))
  for (let i = 1; i <= Math.max(least, ...numbers); i++)
    if (!numbers.has(i)) throw damaged(join(folder, `${String(i).padStart(8, '0')}-*.jsonl`), 'is missing')
  for (const name of names) await refuseOther(join(folder, name), NAME.exec(name))
  return names
}

/** Replaces the lines of a file. The number stays the same, because a missing number means a lost file. */
export async function rewritePushedFile(
  objects: ObjectStore,
  key: string,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const folder = objects.path(FOLDER, key)
  const text = lines.map(line => `${line}\n`).join('')
  const number = numberOf(name)
  const next = number === 0 ? `${randomUUID()}.jsonl` : nameOf(number, text)
  if (number > 0 || lines.length > 0) await objects.writeText(join(folder, next), text)
  // Remove the old file last: if the process dies before, lines exist twice, and duplicates are ignored.
  if (next !== name) await objects.remove(join(folder, name))
}

/**
 * Refuses lines with a field that is no longer declared: it may have been renamed, and its new name would read as
 * null. All lines of a file were pushed under one plan, so the first line is enough.
 * @throws {StoreError} `definition-differs`
 */
async function refuseOtherFields(
  objects: ObjectStore,
  path: string,
  key: string,
  columns: readonly Column[],
): Promise<void> {
  const [line = ''] = ((await objects.readText(path)) ?? '').split('\n', 1)
  const names = new Set(['quern_key', ...columns.map(({ name }) => name)])
  const gone = fieldsOf(line).filter(name => !names.has(name))
  if (gone.length === 0) return
  throw new StoreError(
    'definition-differs',
    `what was pushed to ${key} has fields that are declared no more (${gone.join(', ')}); put the definition back, or begin anew with quern reset, which reads those lines by the definitions as they are`,
  )
}

/** Invalid JSON gives no fields here; the engine refuses it later. */
function fieldsOf(line: string): readonly string[] {
  try {
    return Object.keys(JSON.parse(line))
  } catch {
    return []
  }
}

/** Heads of earlier versions have no key. */
const headForm = z.object({ files: z.number(), key: z.string().optional() })

async function leastOf(objects: ObjectStore, key: string): Promise<number> {
  const path = objects.path(headOf(key))
  const text = await objects.readText(path)
  if (text === null) await refuseLost(objects.path(), headOf(key))
  const read = text === null ? { files: 0 } : headForm.safeParse(JSON.parse(text)).data
  if (read === undefined || (read.key ?? key) !== key) throw damaged(path, OTHER_CONTENT)
  return read.files
}

async function refuseOther(path: string, name: RegExpExecArray | null): Promise<void> {
  if (name === null) throw damaged(path, 'has a name that quern does not give')
  const hash = name[2]
  const found = await fileHash(path).catch(error => {
    throw hasCode(error, 'ENOENT') ? damaged(path, 'is missing', error) : (otherKind(path, error) ?? error)
  })
  if (hash !== undefined && found.sha256 !== hash) throw damaged(path, OTHER_CONTENT)
}
