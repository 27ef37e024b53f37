/** Writes a small file atomically; removes the temporary file after a failure. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface WriteWholeOptions {
  /** File mode. @default the process's default */
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
