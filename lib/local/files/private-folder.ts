/** Restricts the store's folder to its owner: it holds features of people, and credentials. */
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../../store-error.ts'
import { hasCode } from './error-code.ts'

/** Permission bits of the group and others. */
const OTHERS = 0o077

/**
 * Removes all permissions of others. Ignores paths that no longer exist, and links, because their targets are not the
 * store's.
 */
async function tighten(path: string): Promise<void> {
  try {
    const status = await lstat(path)
    if (!status.isSymbolicLink() && (status.mode & OTHERS) !== 0) await chmod(path, status.mode & 0o700)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** The error if the path of the store's folder is a file or a dangling link. */
export const noFolder = (root: string, cause?: unknown): StoreError =>
  new StoreError(
    'store-damaged',
    `${root} is no folder, and the store is to lie there; move it away and run the command again`,
    { cause },
  )

const refuseNoFolder =
  (root: string) =>
  (error: unknown): never => {
    throw ['EEXIST', 'ENOTDIR', 'ENOENT', 'ELOOP'].some(code => hasCode(error, code))
      ? noFolder(root, error)
      : error
  }

/**
 * Restricts a folder, all files below it, and all files that this process creates later, to their owner.
 * @returns a function that restores the process's umask
 */
export async function openPrivateFolder(root: string): Promise<() => void> {
  const before = process.umask(OTHERS)
  await mkdir(root, { recursive: true, mode: 0o700 }).catch(refuseNoFolder(root))
  await tighten(root)
  const below = await readdir(root, { recursive: true, withFileTypes: true })
  await Promise.all(below.map(entry => tighten(join(entry.parentPath, entry.name))))
  return () => void process.umask(before)
}
