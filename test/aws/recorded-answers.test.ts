/** The feature log on its delivery stream and in its bucket. */
import { Readable } from 'node:stream'
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { s3FeatureLog } from '../../lib/aws/s3/s3-feature-log.ts'
import { firehoseFeatureLog } from '../../lib/aws/streams/firehose-feature-log.ts'

it('firehoseFeatureLog sends records to a delivery stream as lines', async () => {
  const firehose = new FirehoseClient({ region: 'local' })
  const stream = mockClient(firehose)
  stream.on(PutRecordBatchCommand).resolves({ FailedPutCount: 0, RequestResponses: [{ RecordId: '1' }] })
  const line = '{"service":"now","values":{}}'
  await firehoseFeatureLog({ firehose, deliveryStream: 'recorded' }).append([{ service: 'now', line }])
  expect(stream.commandCalls(PutRecordBatchCommand).map(call => call.args[0].input)).toEqual([
    { DeliveryStreamName: 'recorded', Records: [{ Data: Buffer.from(`${line}\n`) }] },
  ])
})

it('s3FeatureLog reads the lines of all files of a service, across list pages and file chunks', async () => {
  const s3 = new S3Client({ region: 'local' })
  const bucket = mockClient(s3)
  const pages = [
    { Contents: [{ Key: 'recorded/now/2024-01-01/a', Size: 1 }], NextContinuationToken: 'more' },
    { Contents: [{ Key: 'recorded/now/2024-01-02/b', Size: 1 }] },
  ]
  bucket
    .on(ListObjectsV2Command, { Bucket: 'store', Prefix: 'recorded/now/' })
    .callsFake(({ ContinuationToken }) => pages[ContinuationToken === 'more' ? 1 : 0])
  const chunks: Record<string, readonly string[]> = {
    'recorded/now/2024-01-01/a': ['{"n":1}\n{"n"', ':2}\n'],
    'recorded/now/2024-01-02/b': ['{"n":"é"}\n'],
  }
  bucket
    .on(GetObjectCommand)
    .callsFake(({ Key }) => ({ Body: Readable.from((chunks[Key] ?? []).map(Buffer.from)) }))
  const lines = await Array.fromAsync(s3FeatureLog({ s3, location: 's3://store/recorded' }).read('now'))
  expect(lines).toEqual(['{"n":1}', '{"n":2}', '{"n":"é"}'])
})
