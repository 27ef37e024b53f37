/** A bucket's stand-in: a folder. */
import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ByteRange, ObjectStore } from '../runtime.ts'
import { hasCode } from './error-code.ts'
import { scratchFolder } from './scratch-folder.ts'

export const folderObjectStore = (root: string): ObjectStore => ({
  path: (...parts) => resolve(root, ...parts),
  scratch: name => join(scratchFolder(root), `${randomUUID()}-${name}`),
  open: openFile,
  readText: path => readFile(path, 'utf8').catch(ifMissing(null)),
  writeText: async (path, text) => {
    await mkdir(dirname(path), { recursive: true })
    const unfinished = `${path}.${randomUUID()}`
    await writeFile(unfinished, text, { flush: true })
    await rename(unfinished, path)
  },
  list: async path => {
    const entries = await readdir(path, { withFileTypes: true }).catch(ifMissing<Dirent[]>([]))
    return entries.filter(entry => entry.isFile()).map(entry => entry.name)
  },
  remove: path => rm(path, { recursive: true, force: true }),
})

function ifMissing<T>(value: T) {
  return (error: unknown): T => {
    if (hasCode(error, 'ENOENT')) return value
    throw error
  }
}

/** Opened for each part anew: nothing stays open, however the work ends. */
async function openFile(path: string): Promise<ByteRange> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  return { byteLength: size, slice: (start, end = size) => readPart(path, start, end) }
}

async function readPart(path: string, start: number, end: number): Promise<ArrayBuffer> {
  await using file = await open(path, 'r')
  const part = new Uint8Array(end - start)
  await file.read(part, 0, part.length, start)
  return part.buffer
}
