/** The store's folder is its owner's alone: it holds features of people, and credentials. */
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
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

/**
 * Makes a folder, and all that lies below it, its owner's alone; and whatever this process makes from now on.
 * @returns gives the process back what it had
 */
export async function openPrivateFolder(root: string): Promise<() => void> {
  const before = process.umask(OTHERS)
  await mkdir(root, { recursive: true, mode: 0o700 })
  await tighten(root)
  const below = await readdir(root, { recursive: true, withFileTypes: true })
  await Promise.all(below.map(entry => tighten(join(entry.parentPath, entry.name))))
  return () => void process.umask(before)
}
