/** Writes pushed rows to a delivery stream (Data Firehose), which stores them in the offline bucket. */
import { type FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose'
import type { PushedRows } from '../../runtime.ts'
import { type Retry, type RetryOptions, retried, retry } from '../retry.ts'

export interface FirehosePushedRowsProps {
  readonly firehose: FirehoseClient
  readonly deliveryStream: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Firehose's limits on one call. */
const MAX_RECORDS = 500
const MAX_BYTES = 4 * 1024 * 1024

export function firehosePushedRows(props: FirehosePushedRowsProps): PushedRows {
  const place = { ...props, retry: retry(props.retry) }
  return {
    append: async rows => {
      const lines = rows.map(({ line }) => Buffer.from(`${line}\n`))
      for (const batch of batchesOf(lines)) await putAll(place, batch)
    },
  }
}

function batchesOf(lines: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const batches: Buffer[][] = []
  let bytes = 0
  for (const line of lines) {
    const last = batches.at(-1)
    if (last === undefined || last.length === MAX_RECORDS || bytes + line.length > MAX_BYTES) {
      batches.push([line])
      bytes = line.length
    } else {
      last.push(line)
      bytes += line.length
    }
  }
  return batches
}

type Place = Omit<FirehosePushedRowsProps, 'retry'> & { readonly retry: Retry }

/** One call may accept only some records; the rejected ones are sent again. */
async function putAll({ firehose, deliveryStream, retry }: Place, lines: readonly Buffer[]): Promise<void> {
  let left = lines
  for (let failures = 1; ; failures++) {
    const command = new PutRecordBatchCommand({
      DeliveryStreamName: deliveryStream,
      Records: left.map(Data => ({ Data })),
    })
    const { RequestResponses: answers = [] } = await retried(retry, () => firehose.send(command))
    const refused = answers.filter(({ ErrorCode }) => ErrorCode !== undefined)
    if (refused.length === 0) return
    left = left.filter((_, i) => answers[i]?.ErrorCode !== undefined)
    const [{ ErrorCode: name, ErrorMessage: message } = {}] = refused
    if (failures >= retry.attempts)
      throw new Error(`${left.length} rows were not taken by ${deliveryStream}: ${name}: ${message}`)
    await retry.pause(failures)
  }
}
