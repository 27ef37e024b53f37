/**
 * Finds the files of a declared path. The fixed part of the path is its folders before the first wildcard. Below it,
 * `name=value` folders are partitions. Names that begin with `_` or `.` are ignored, as in Spark, Hive, Trino and
 * Athena. Symbolic links are followed.
 */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, posix, resolve } from 'node:path'
import { StoreError } from '../../store-error.ts'
import { hasCode } from '../files/error-code.ts'

/** A partition column and its value; null for Hive's null marker. */
export interface PartitionValue {
  readonly name: string
  readonly value: string | null
}

export interface SourceFile {
  readonly path: string
  /** Path relative to the project's folder, for messages. */
  readonly name: string
  /** Path relative to the fixed part; a renamed file is another source. */
  readonly below: string
  readonly partitions: readonly PartitionValue[]
}

export interface SourcePath {
  /** Folders of the fixed part, taken literally. */
  readonly fixed: readonly string[]
  /** Pattern below the fixed part; null: the whole path is literal and names a file. */
  readonly pattern: string | null
}

const WILDCARD = /[*?[\]{}]/
const HIVE_NULL = '__HIVE_DEFAULT_PARTITION__'

/**
 * Finds files in order of name, so that the same files give the same fingerprint.
 * @throws {StoreError} `bad-argument`
 */
export async function findFiles(root: string, declared: string): Promise<readonly SourceFile[]> {
  const { fixed, pattern } = await readPath(root, declared)
  if (pattern !== null) return filesBelow(root, fixed, pattern)
  const name = fixed.join('/')
  const path = resolve(root, name)
  const file = await statOrNull(path)
  return file?.isFile() === true ? [{ path, name, below: fixed.at(-1) ?? '', partitions: [] }] : []
}

/** Finds all files below a folder; the folder's name is not a pattern. */
export const filesBelow = async (
  root: string,
  fixed: readonly string[],
  pattern: string,
): Promise<readonly SourceFile[]> => {
  const folder = fixed.length === 0 ? resolve(root) : resolve(root, fixed.join('/') || '/')
  const found: string[] = []
  await walk({ folder, pattern: pattern.split('/'), found }, '', [])
  return found.sort().map(below => ({
    path: join(folder, below),
    name: [...fixed, below].join('/'),
    below,
    partitions: partitionsOf(below),
  }))
}

/**
 * A segment with wildcards is literal if a file or folder has exactly that name. If it also matches other names, it
 * is ambiguous and refused.
 */
async function readPath(root: string, declared: string): Promise<SourcePath> {
  const parts = posix.normalize(declared).split('/')
  const fixed: string[] = []
  for (const [i, part] of parts.entries()) {
    if (WILDCARD.test(part) && !(await isLiteral(root, fixed, part)))
      return { fixed, pattern: parts.slice(i).join('/') }
    fixed.push(part)
  }
  return { fixed, pattern: null }
}

async function isLiteral(root: string, fixed: readonly string[], part: string): Promise<boolean> {
  const folder = fixed.length === 0 ? resolve(root) : resolve(root, fixed.join('/') || '/')
  if (/^[*]+$/.test(part) || (await statOrNull(join(folder, part))) === null) return false
  const others = (await readdir(folder)).filter(name => name !== part && posix.matchesGlob(name, part))
  if (others.length === 0) return true
  throw new StoreError(
    'bad-argument',
    `path '${[...fixed, part].join('/')}' is the name of one file or folder and, as a pattern, matches '${others[0]}' too; rename one of them`,
  )
}

interface Search {
  readonly folder: string
  readonly pattern: readonly string[]
  readonly found: string[]
}

async function walk(search: Search, below: string, above: readonly string[]): Promise<void> {
  const folder = join(search.folder, below)
  const real = await realpath(folder).catch(none)
  // A link to a parent folder would recurse forever.
  if (real === null || above.includes(real)) return
  const depth = below === '' ? 0 : below.split('/').length
  if (depth >= search.pattern.length && !search.pattern.includes('**')) return
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (isHidden(entry.name, search.pattern[depth])) continue
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    await take(search, path, [...above, real])
  }
}

async function take(search: Search, path: string, above: readonly string[]): Promise<void> {
  const entry = await statOrNull(join(search.folder, path))
  if (entry?.isDirectory() === true) return walk(search, path, above)
  if (!posix.matchesGlob(path, search.pattern.join('/'))) return
  if (entry?.isFile() === true) search.found.push(path)
  else
    throw new StoreError(
      'source-unreadable',
      `${join(search.folder, path)} is ${entry === null ? 'a link to nothing' : 'no file'}; remove it, or let the source's path pass over it`,
    )
}

/** Uncommitted output of jobs, and files of tools. A pattern can name them explicitly. */
const isHidden = (name: string, asked = ''): boolean => /^[_.]/.test(name) && asked[0] !== name[0]

const none = (error: unknown): null => {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'ELOOP')) return null
  throw error
}

const statOrNull = (path: string) => stat(path).catch(none)

function partitionsOf(below: string): readonly PartitionValue[] {
  return below
    .split('/')
    .slice(0, -1)
    .flatMap(folder => {
      const equals = folder.indexOf('=')
      if (equals < 1) return []
      const value = decoded(folder.slice(equals + 1))
      return [{ name: decoded(folder.slice(0, equals)), value: value === HIVE_NULL ? null : value }]
    })
}

/** Hive escapes characters that folder names cannot contain, such as `%3A`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
