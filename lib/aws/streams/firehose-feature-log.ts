/** Recorded answers on a delivery stream of their own (Data Firehose), which writes them to the offline bucket. */
import type { FeatureLog } from '../../runtime.ts'
import { type FirehosePushedRowsProps, firehosePushedRows } from './firehose-pushed-rows.ts'

export function firehoseFeatureLog(props: FirehosePushedRowsProps): FeatureLog {
  const place = firehosePushedRows(props)
  return { append: lines => place.append(lines.map(({ service, line }) => ({ key: service, line }))) }
}
