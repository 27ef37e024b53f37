/** Writes a small file whole or not at all, whatever happens meanwhile; what was begun is removed. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface WriteWholeOptions {
  /** Who may read it. @default as the process makes files */
  readonly mode?: number
}

export async function writeWhole(path: string, text: string, options: WriteWholeOptions = {}): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomUUID()}`
  try {
    await writeFile(unfinished, text, { flush: true, ...options })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
