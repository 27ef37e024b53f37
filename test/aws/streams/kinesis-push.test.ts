/** Faults of a stream that no engine produces on request. */
import { KinesisClient, PutRecordsCommand, type PutRecordsCommandInput } from '@aws-sdk/client-kinesis'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { sendRecords } from '../../../lib/aws/streams/kinesis-push.ts'

const kinesis = new KinesisClient({ region: 'local' })
const faulty = mockClient(kinesis)
const send = (n: number) =>
  sendRecords(
    { kinesis, streamName: 'pushed', retry: { attempts: 3, baseMs: 1, capMs: 1 } },
    Array.from({ length: n }, (_, i) => ({ key: `k${i}`, text: `{"n":${i}}` })),
  )
const taken = ({ Records = [] }: PutRecordsCommandInput) => ({
  Records: Records.map((_, i) => ({ SequenceNumber: String(i), ShardId: '0' })),
})
const sent = () =>
  faulty
    .commandCalls(PutRecordsCommand)
    .map(call => (call.args[0].input.Records ?? []).map(({ PartitionKey }) => PartitionKey))

beforeEach(() => {
  faulty.reset()
})

describe('sendRecords', () => {
  it('sends at most 500 records per call', async () => {
    faulty.on(PutRecordsCommand).callsFake(taken)
    await send(501)
    expect(sent().map(keys => keys.length)).toEqual([500, 1])
  })

  it('sends at most 5 MB per call', async () => {
    faulty.on(PutRecordsCommand).callsFake(taken)
    const text = 'x'.repeat(2 * 1024 * 1024)
    await sendRecords(
      { kinesis, streamName: 'pushed' },
      [1, 2, 3, 4, 5].map(i => ({ key: `k${i}`, text })),
    )
    expect(sent()).toEqual([['k1', 'k2'], ['k3', 'k4'], ['k5']])
  })

  it('sends only the rejected records again', async () => {
    const slow = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }
    faulty
      .on(PutRecordsCommand)
      .resolvesOnce({ FailedRecordCount: 1, Records: [{ SequenceNumber: '0' }, slow] })
      .callsFake(taken)
    await send(2)
    expect(sent()).toEqual([['k0', 'k1'], ['k1']])
    faulty.on(PutRecordsCommand).resolves({ FailedRecordCount: 1, Records: [slow] })
    await expect(send(1)).rejects.toThrow(
      '1 records were not taken by stream pushed: ProvisionedThroughputExceededException: Rate exceeded',
    )
  })
})
