/** The store's folder is its owner's alone: it holds features of people, and credentials. */
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../../store-error.ts'
import { hasCode } from './error-code.ts'

/** What a group and others may do. */
const OTHERS = 0o077

/** Takes all rights of others away; what has gone meanwhile is nobody's. Links are left alone: they are not the store's. */
async function tighten(path: string): Promise<void> {
  try {
    const status = await lstat(path)
    if (!status.isSymbolicLink() && (status.mode & OTHERS) !== 0) await chmod(path, status.mode & 0o700)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** Where the store's folder is to be there is a file, or a link that leads nowhere. */
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
 * Makes a folder, and all that lies below it, its owner's alone; and whatever this process makes from now on.
 * @returns gives the process back what it had
 */
export async function openPrivateFolder(root: string): Promise<() => void> {
  const before = process.umask(OTHERS)
  await mkdir(root, { recursive: true, mode: 0o700 }).catch(refuseNoFolder(root))
  await tighten(root)
  const below = await readdir(root, { recursive: true, withFileTypes: true })
  await Promise.all(below.map(entry => tighten(join(entry.parentPath, entry.name))))
  return () => void process.umask(before)
}
