/** SHA-256 of whole files. A file is read once in a process, unless it has changed since. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

interface Hashed {
  /** Of the file that was read: its size, when it was changed, and its place on the disk. */
  readonly state: string
  readonly sha256: string
}

const known = new Map<string, Hashed>()

export interface FileHash {
  readonly bytes: number
  readonly sha256: string
}

export async function fileHash(path: string): Promise<FileHash> {
  await using file = await open(path, 'r')
  const { size, mtimeNs, ino } = await file.stat({ bigint: true })
  const state = `${size} ${mtimeNs} ${ino}`
  const before = known.get(path)
  const sha256 = before?.state === state ? before.sha256 : await hashOf(file)
  known.set(path, { state, sha256 })
  return { bytes: Number(size), sha256 }
}

const PART_BYTES = 1 << 20

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const part = Buffer.allocUnsafe(PART_BYTES)
  for (;;) {
    const { bytesRead } = await file.read(part, 0, part.length, null)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(part.subarray(0, bytesRead))
  }
}
