/** Reads the feature log from the offline bucket. The delivery stream writes one folder per service. */
import { Readable } from 'node:stream'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { FeatureLogReader } from '../../runtime.ts'
import { textLines } from '../../text-lines.ts'
import { listFiles } from './s3-files.ts'

export interface S3FeatureLogProps {
  readonly s3: S3Client
  /** `s3://bucket/path` with one folder per service. */
  readonly location: string
}

export const s3FeatureLog = ({ s3, location }: S3FeatureLogProps): FeatureLogReader => ({
  read: async function* read(service) {
    for (const { bucket, key } of await listFiles(s3, `${location}/${service}/`)) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      if (Body instanceof Readable) yield* textLines(Body)
    }
  },
})
