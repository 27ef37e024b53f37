/** The store's files in a bucket. A path names a file, or a folder that an engine has written. */
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ByteRange, ObjectStore } from '../../runtime.ts'
import { once, type ResumableInvocation } from '../athena/resumable-invocation.ts'
import { byteRange, listFiles, parseLocation } from './s3-files.ts'

export interface S3ObjectStoreProps {
  readonly s3: S3Client
  /** `s3://bucket/path`, the prefix of all paths. */
  readonly root: string
  /** Called with a path before its files are removed; an engine then drops the path's table. @default no callback */
  readonly onRemove?: (path: string) => Promise<void>
  /** The invocation whose scratch-file names are reused. @default none: each name is new */
  readonly replay?: ResumableInvocation
}

/** S3's limit on the keys of one DeleteObjects. */
const KEYS_A_REQUEST = 1_000

export function s3ObjectStore({ s3, root, onRemove, replay = once() }: S3ObjectStoreProps): ObjectStore {
  const at = (...parts: readonly string[]): string => [root.replace(/\/$/, ''), ...parts].join('/')
  return {
    path: at,
    scratch: name => at('scratch', replay.name(name)),
    open: path => open(s3, path),
    readText: path => readText(s3, path),
    writeText: async (path, text) => {
      const { bucket, key } = parseLocation(path)
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }))
    },
    list: async path => {
      const { key } = parseLocation(path)
      const files = await listFiles(s3, `${path}/`)
      return files.map(file => file.key.slice(key.length + 1)).filter(name => !name.includes('/'))
    },
    remove: async path => {
      if (replay.suspended() !== null) return
      await onRemove?.(path)
      await remove(s3, path)
    },
  }
}

async function open(s3: S3Client, path: string): Promise<ByteRange> {
  const { bucket, key } = parseLocation(path)
  const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return byteRange(s3, { bucket, key, bytes: ContentLength ?? 0 })
}

async function readText(s3: S3Client, path: string): Promise<string | null> {
  const { bucket, key } = parseLocation(path)
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return (await Body?.transformToString('utf-8')) ?? null
  } catch (error) {
    if (error instanceof NoSuchKey) return null
    throw error
  }
}

/** Removes the file with that key and all files below it, but not other keys with the same prefix. */
async function remove(s3: S3Client, path: string): Promise<void> {
  const { bucket, key } = parseLocation(path)
  const listed = await listFiles(s3, path)
  const files = listed.filter(file => file.key === key || file.key.startsWith(`${key}/`))
  for (let i = 0; i < files.length; i += KEYS_A_REQUEST) {
    const Objects = files.slice(i, i + KEYS_A_REQUEST).map(file => ({ Key: file.key }))
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
    const [failed] = Errors
    if (failed !== undefined)
      throw new Error(`${path}: ${failed.Key} could not be removed: ${failed.Message}`)
  }
}
