/** Files of the store as they are found: one that is no file is not what was written. */
import { readFile } from 'node:fs/promises'
import { type DamagedFile, damaged } from './damaged.ts'
import { hasCode } from './error-code.ts'

const OTHER_KINDS = {
  EISDIR: 'is a folder, where a file was written',
  ELOOP: 'is a link that leads back to itself',
  ENOTDIR: 'is or lies below a file, where there was a folder',
} as const

/** What an error says of a path at which something else stands; null: it says something else. */
export function otherKind(path: string, error: unknown): DamagedFile | null {
  const found = Object.entries(OTHER_KINDS).find(([code]) => hasCode(error, code))
  return found === undefined ? null : damaged(path, found[1], error)
}

/** Null: there is none. @throws {StoreError} `store-damaged` if it is no file */
export async function storedText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw otherKind(path, error) ?? error
  }
}
