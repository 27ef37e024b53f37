/** Faults of a delivery stream that no engine produces on request. */
import {
  FirehoseClient,
  PutRecordBatchCommand,
  type PutRecordBatchCommandInput,
} from '@aws-sdk/client-firehose'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { firehosePushedRows } from '../../../lib/aws/streams/firehose-pushed-rows.ts'
import type { PushedLine } from '../../../lib/runtime.ts'

const firehose = new FirehoseClient({ region: 'local' })
const faulty = mockClient(firehose)
const pushed = firehosePushedRows({
  firehose,
  deliveryStream: 'rows',
  retry: { attempts: 3, baseMs: 1, capMs: 1 },
})
const rows = (n: number, line = (i: number) => `{"n":${i}}`): PushedLine[] =>
  Array.from({ length: n }, (_, i) => ({
    key: 'rows',
    line: line(i),
  }))

const texts = ({ Records = [] }: PutRecordBatchCommandInput) =>
  Records.map(({ Data }) => Buffer.from(Data ?? []).toString())
const calls = () => faulty.commandCalls(PutRecordBatchCommand).map(call => texts(call.args[0].input))
const taken = (input: PutRecordBatchCommandInput) => ({
  FailedPutCount: 0,
  RequestResponses: (input.Records ?? []).map((_, i) => ({ RecordId: String(i) })),
})

beforeEach(() => {
  faulty.reset()
})

describe('firehosePushedRows', () => {
  it('sends rows as lines, at most 500 per call', async () => {
    faulty.on(PutRecordBatchCommand).callsFake(taken)
    await pushed.append(rows(501))
    expect(calls().map(list => list.length)).toEqual([500, 1])
    expect(calls()[1]).toEqual(['{"n":500}\n'])
  })

  it('sends at most 4 MB per call', async () => {
    faulty.on(PutRecordBatchCommand).callsFake(taken)
    await pushed.append(rows(9, () => 'x'.repeat(1_000_000)))
    expect(calls().map(list => list.length)).toEqual([4, 4, 1])
  })

  it('sends only the rejected rows again', async () => {
    faulty
      .on(PutRecordBatchCommand)
      .resolvesOnce({
        FailedPutCount: 1,
        RequestResponses: [
          { RecordId: '0' },
          { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' },
        ],
      })
      .callsFake(taken)
    await pushed.append(rows(2))
    expect(calls()).toEqual([['{"n":0}\n', '{"n":1}\n'], ['{"n":1}\n']])
  })

  it('throws an error for rows that are never accepted and for a stream that may not be written', async () => {
    faulty.on(PutRecordBatchCommand).resolves({
      FailedPutCount: 1,
      RequestResponses: [{ ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' }],
    })
    await expect(pushed.append(rows(1))).rejects.toThrow(
      '1 rows were not taken by rows: ServiceUnavailableException: Slow down.',
    )
    faulty
      .on(PutRecordBatchCommand)
      .rejects(Object.assign(new Error('not you'), { name: 'AccessDeniedException' }))
    await expect(pushed.append(rows(1))).rejects.toThrow('not you')
  })
})
