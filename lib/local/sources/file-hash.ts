/** SHA-256 of whole files. Within a process, a file is read again only if it has changed. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

interface Hashed {
  /** State of the file when it was read: size, modification time and inode. */
  readonly state: string
  readonly sha256: string
}

const cache = new Map<string, Hashed>()

export interface FileHash {
  readonly bytes: number
  readonly sha256: string
}

export async function fileHash(path: string): Promise<FileHash> {
  await using file = await open(path, 'r')
  const { size, mtimeNs, ino } = await file.stat({ bigint: true })
  const state = `${size} ${mtimeNs} ${ino}`
  const cached = cache.get(path)
  const sha256 = cached?.state === state ? cached.sha256 : await hashOf(file)
  cache.set(path, { state, sha256 })
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
