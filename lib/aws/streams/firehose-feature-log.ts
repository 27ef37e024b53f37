/** Writes the feature log to its own delivery stream (Data Firehose), which stores it in the offline bucket. */
import type { FeatureLog } from '../../runtime.ts'
import { type FirehosePushedRowsProps, firehosePushedRows } from './firehose-pushed-rows.ts'

export function firehoseFeatureLog(props: FirehosePushedRowsProps): FeatureLog {
  const stream = firehosePushedRows(props)
  return { append: lines => stream.append(lines.map(({ service, line }) => ({ key: service, line }))) }
}
