/** Recorded answers on a delivery stream of their own (Data Firehose), which writes them to the offline bucket. */
import type { RecordedAnswers } from '../runtime.ts'
import { type FirehosePushedRowsProps, firehosePushedRows } from './firehose-pushed-rows.ts'

export function firehoseRecordedAnswers(props: FirehosePushedRowsProps): RecordedAnswers {
  const place = firehosePushedRows(props)
  return { lay: lines => place.lay(lines.map(({ service, line }) => ({ key: service, line }))) }
}
