/**
 * Which files a declared path means. What lies below the path's fixed part (the folders before its first wildcard) is found
 * by it; there `name=value` folders are partitions, and what begins with `_` or `.` is passed over, as Spark, Hive, Trino
 * and Athena do. Symbolic links are followed.
 */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, posix, resolve } from 'node:path'
import { StoreError } from '../../store-error.ts'
import { hasCode } from '../files/error-code.ts'

/** A column that a folder's name gives; null for Hive's word of it. */
export interface PartitionValue {
  readonly name: string
  readonly value: string | null
}

export interface SourceFile {
  readonly path: string
  /** From the project's folder, for messages. */
  readonly name: string
  /** From the path's fixed part: renamed, it is another source. */
  readonly below: string
  readonly partitions: readonly PartitionValue[]
}

export interface SourcePath {
  /** The folders that are meant as they are written. */
  readonly fixed: readonly string[]
  /** What is searched for below them; null: a file that is meant as it is written. */
  readonly pattern: string | null
}

const WILDCARD = /[*?[\]{}]/
const HIVE_NULL = '__HIVE_DEFAULT_PARTITION__'

/** Files in the order of their names, so that the same files are the same source. @throws {StoreError} `bad-argument` */
export async function findFiles(root: string, declared: string): Promise<readonly SourceFile[]> {
  const { fixed, pattern } = await readPath(root, declared)
  if (pattern !== null) return filesBelow(root, fixed, pattern)
  const name = fixed.join('/')
  const path = resolve(root, name)
  const file = await statOrNull(path)
  return file?.isFile() === true ? [{ path, name, below: fixed.at(-1) ?? '', partitions: [] }] : []
}

/** All files below a folder, whose name is no pattern. */
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

/** A part that exists as it is written is taken so, wildcards or not; if it matches others as well, it could mean either. */
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
  // A link to a folder above it would never end.
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

/** What a job has not committed, and what tools keep beside data; a pattern may ask for it by name. */
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

/** Hive writes characters that a folder's name cannot have as `%3A`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
