/** Files in S3: lists a location, and reads byte ranges. */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { ByteRange } from '../../runtime.ts'

export interface S3File {
  readonly bucket: string
  readonly key: string
  readonly bytes: number
  /** Modification time, in milliseconds since 1970. */
  readonly modifiedMs: number
}

/** Splits `s3://bucket/key`. */
export function parseLocation(location: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key = ''] = /^s3a?:\/\/([^/]+)\/?(.*)$/.exec(location) ?? []
  if (bucket === undefined) throw new TypeError(`'${location}' is no location in S3; it begins s3://bucket/`)
  return { bucket, key }
}

/** Lists all files whose keys begin with a location, in order of keys. */
export async function listFiles(client: S3Client, location: string): Promise<readonly S3File[]> {
  const { bucket, key } = parseLocation(location)
  const files: S3File[] = []
  let token: string | undefined
  do {
    const command: ListObjectsV2Command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: key,
      ContinuationToken: token,
    })
    const page = await client.send(command)
    for (const { Key, Size, LastModified } of page.Contents ?? [])
      files.push({ bucket, key: String(Key), bytes: Number(Size), modifiedMs: LastModified?.getTime() ?? 0 })
    token = page.NextContinuationToken
  } while (token !== undefined)
  return files
}

/** Reads a file by ranges; each slice is one request. */
export const byteRange = (
  client: S3Client,
  { bucket, key, bytes }: Omit<S3File, 'modifiedMs'>,
): ByteRange => ({
  byteLength: bytes,
  slice: async (start, end = bytes) => {
    const Range = `bytes=${start}-${end - 1}`
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }))
    const part = (await Body?.transformToByteArray()) ?? new Uint8Array()
    return Uint8Array.from(part).buffer
  },
})
