/** Sends all records to the store's stream, in batches within Kinesis' limits. */
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import type { StreamRecord } from '../../online/push/pushed-events.ts'
import { type Retry, type RetryOptions, retried, retry } from '../retry.ts'

export interface KinesisPushProps {
  readonly kinesis: KinesisClient
  readonly streamName: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Kinesis' limits on one call; partition keys count towards the size. */
const MAX_RECORDS = 500
const MAX_BYTES = 5 * 1024 * 1024

/** @throws {Error} if records stay unsent after all retries; earlier batches are already sent */
export async function sendRecords(props: KinesisPushProps, records: readonly StreamRecord[]): Promise<void> {
  const place = { ...props, retry: retry(props.retry) }
  for (const batch of batchesOf(records)) await sendAll(place, batch)
}

function batchesOf(records: readonly StreamRecord[]): readonly (readonly StreamRecord[])[] {
  const batches: StreamRecord[][] = []
  let bytes = 0
  for (const record of records) {
    const size = Buffer.byteLength(record.text) + Buffer.byteLength(record.key)
    const last = batches.at(-1)
    if (last === undefined || last.length === MAX_RECORDS || bytes + size > MAX_BYTES) {
      batches.push([record])
      bytes = size
    } else {
      last.push(record)
      bytes += size
    }
  }
  return batches
}

type Place = Omit<KinesisPushProps, 'retry'> & { readonly retry: Retry }

/** One call may accept only some records; the rejected ones are sent again. */
async function sendAll(
  { kinesis, streamName, retry }: Place,
  records: readonly StreamRecord[],
): Promise<void> {
  let left = records
  for (let failures = 1; ; failures++) {
    const command = new PutRecordsCommand({
      StreamName: streamName,
      Records: left.map(({ key, text }) => ({ PartitionKey: key, Data: Buffer.from(text) })),
    })
    const { Records: answers = [] } = await retried(retry, () => kinesis.send(command))
    left = left.filter((_, i) => answers[i]?.ErrorCode !== undefined)
    if (left.length === 0) return
    const { ErrorCode: code, ErrorMessage: message } = answers.find(answer => answer.ErrorCode) ?? {}
    if (failures >= retry.attempts)
      throw new Error(`${left.length} records were not taken by stream ${streamName}: ${code}: ${message}`)
    await retry.pause(failures)
  }
}
