/** Emulates a bucket with a folder. JSON files are sealed when written and verified when read. */
import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import type { ByteRange, ObjectStore } from '../../runtime.ts'
import { damaged, OTHER_CONTENT } from './damaged.ts'
import { hasCode } from './error-code.ts'
import { readKept, writeKept } from './kept-files.ts'
import { scratchFolder } from './scratch-folder.ts'
import { opened, sealed } from './sealed-text.ts'
import { otherKind, storedText } from './stored-file.ts'
import { writeWhole } from './write-whole.ts'

export const folderObjectStore = (root: string): ObjectStore => ({
  path: (...parts) => resolve(root, ...parts),
  scratch: name => join(scratchFolder(root), `${randomUUID()}-${name}`),
  open: openFile,
  readText: path => readText(root, path),
  writeText: (path, text) => writeText(root, path, text),
  list: async path => (await entriesOf(path)).filter(entry => !entry.isDirectory()).map(({ name }) => name),
  remove: path => rm(path, { recursive: true, force: true }),
})

const isJson = (path: string): boolean => extname(path) === '.json'
const isTop = (root: string, path: string): boolean => dirname(path) === resolve(root)

async function readText(root: string, path: string): Promise<string | null> {
  if (isJson(path) && isTop(root, path)) return readKept(path)
  const text = await storedText(path)
  if (text === null || !isJson(path)) return text
  const content = opened(text)
  if (content.state === 'damaged') throw damaged(path, OTHER_CONTENT)
  return content.text
}

async function writeText(root: string, path: string, text: string): Promise<void> {
  if (isJson(path) && isTop(root, path)) await writeKept(path, text)
  else await writeWhole(path, isJson(path) ? sealed(text) : text)
}

async function entriesOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw otherKind(path, error) ?? error
  }
}

/** Opens the file for each part, so that no descriptor stays open. */
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
