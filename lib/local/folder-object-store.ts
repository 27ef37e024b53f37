/** A bucket's stand-in: a folder. JSON that is written here is sealed, and is read only if it is what was written. */
import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import type { ByteRange, ObjectStore } from '../runtime.ts'
import { damaged, OTHER_CONTENT } from './damaged.ts'
import { hasCode } from './error-code.ts'
import { keep, refuseLost } from './kept-files.ts'
import { scratchFolder } from './scratch-folder.ts'
import { opened, sealed } from './sealed-text.ts'
import { writeWhole } from './write-whole.ts'

export const folderObjectStore = (root: string): ObjectStore => ({
  path: (...parts) => resolve(root, ...parts),
  scratch: name => join(scratchFolder(root), `${randomUUID()}-${name}`),
  open: openFile,
  readText: path => readText(root, path),
  writeText: (path, text) => writeText(root, path, text),
  list: async path => {
    const entries = await readdir(path, { withFileTypes: true }).catch(ifMissing<Dirent[]>([]))
    return entries.filter(entry => entry.isFile()).map(entry => entry.name)
  },
  remove: path => rm(path, { recursive: true, force: true }),
})

const isJson = (path: string): boolean => extname(path) === '.json'
const isTop = (root: string, path: string): boolean => dirname(path) === resolve(root)

async function readText(root: string, path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(ifMissing(null))
  if (text === null && isTop(root, path)) await refuseLost(path)
  if (text === null || !isJson(path)) return text
  const content = opened(text)
  if (content.state === 'damaged') throw damaged(path, OTHER_CONTENT)
  return content.text
}

async function writeText(root: string, path: string, text: string): Promise<void> {
  await writeWhole(path, isJson(path) ? sealed(text) : text)
  if (isTop(root, path)) await keep(path)
}

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
  const { bytesRead } = await file.read(part, 0, part.length, start)
  if (bytesRead < part.length) throw damaged(path, `ends before byte ${end}`)
  return part.buffer
}
