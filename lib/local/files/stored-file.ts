/** Reads files of the store; a path that is not a file is reported as damaged. */
import { readFile } from 'node:fs/promises'
import { type DamagedFile, damaged } from './damaged.ts'
import { hasCode } from './error-code.ts'

const OTHER_KINDS = {
  EISDIR: 'is a folder, where a file was written',
  ELOOP: 'is a link that leads back to itself',
  ENOTDIR: 'is or lies below a file, where there was a folder',
} as const

/** Converts an error to {@link DamagedFile} if the path is of another kind; null: another error. */
export function otherKind(path: string, error: unknown): DamagedFile | null {
  const found = Object.entries(OTHER_KINDS).find(([code]) => hasCode(error, code))
  return found === undefined ? null : damaged(path, found[1], error)
}

/**
 * @returns null if there is no file
 * @throws {StoreError} `store-damaged` if the path is not a file
 */
export async function storedText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw otherKind(path, error) ?? error
  }
}
