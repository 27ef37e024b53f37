import { createReadStream } from 'node:fs'
import { machineFault } from '../../local/engine/machine-fault.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { textLines } from '../../text-lines.ts'
import type { PushedRecord, PushReport } from '../../verbs/push/push.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { count, json, result, say, step } from '../print/print.ts'
import { openStore } from '../store/store.ts'

/** Records that are pushed together; a stream takes 500 at once. */
const TOGETHER = 500

/** Refused records that are shown. */
const SHOWN = 10

/** @param file JSON lines; `-` is standard input */
export async function push(
  file: string,
  { source, ...options }: CommonOptions & { readonly source?: string },
): Promise<void> {
  await using store = await openStore(options)
  await using online = await store.openOnline()
  const total = await step(
    'push',
    async note => {
      let sum: PushReport = { pushed: {}, unkeyed: {}, refused: [], failed: [] }
      const of = source === undefined ? {} : { source }
      for await (const records of batches(file, () => ({ ...of, arrived: microsOf(store.clock.now()) }))) {
        sum = added(sum, await online.push(records))
        note(`${count(rowsOf(sum))} rows`)
      }
      return sum
    },
    outcome,
  )
  if (options.json) result(json(total))
  if (total.refused.length + total.failed.length > 0) throw refused(total)
}

/** Lines by their numbers in the file. */
async function* batches(
  file: string,
  about: () => Pick<PushedRecord, 'arrived' | 'source'>,
): AsyncGenerator<readonly PushedRecord[]> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  let records: PushedRecord[] = []
  let number = 0
  try {
    for await (const text of textLines(input)) {
      number++
      if (text.trim() !== '') records.push({ id: `line ${number}`, text, ...about() })
      if (records.length < TOGETHER) continue
      yield records
      records = []
    }
  } catch (cause) {
    const fault = machineFault(cause)
    if (fault !== null) throw fault
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('source-unreadable', `${file} cannot be read: ${reason}`, { cause })
  }
  if (records.length > 0) yield records
}

type Counts = PushReport['pushed']

function sums(a: Counts, b: Counts): Counts {
  const views = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...views].map(view => [view, (a[view] ?? 0) + (b[view] ?? 0)]))
}

function added(a: PushReport, b: PushReport): PushReport {
  return {
    pushed: sums(a.pushed, b.pushed),
    unkeyed: sums(a.unkeyed, b.unkeyed),
    conflicts: sums(a.conflicts ?? {}, b.conflicts ?? {}),
    refused: [...a.refused, ...b.refused],
    failed: [...a.failed, ...b.failed],
  }
}

const rowsOf = ({ pushed }: PushReport): number => Object.values(pushed).reduce((sum, rows) => sum + rows, 0)

function outcome({ pushed, unkeyed, conflicts = {}, refused, failed }: PushReport): string {
  const parts = Object.entries(pushed).map(([view, rows]) => `${count(rows)} to ${view}`)
  for (const [view, events] of Object.entries(unkeyed))
    parts.push(`${count(events)} without a key of ${view}`)
  for (const [view, events] of Object.entries(conflicts))
    parts.push(`${count(events)} say something else than what ${view} has under their id: the first stays`)
  if (refused.length > 0) parts.push(`${count(refused.length)} REFUSED`)
  if (failed.length > 0) parts.push(`${count(failed.length)} not written`)
  return parts.join(', ') || 'nothing'
}

function refused({ refused: list, failed }: PushReport): StoreError {
  for (const { id, reason } of list.slice(0, SHOWN)) say(`    ${id}: ${reason}`)
  if (list.length === 0)
    return new StoreError(
      'store-in-use',
      `the online store did not take ${failed.join(', ')}; push the file again, what is online stays as it is`,
    )
  return new StoreError(
    'rows-refused',
    `${count(list.length)} records were refused, such as ${list[0]?.id}: ${list[0]?.reason}. The others are pushed.`,
  )
}

export const registerPush = (define: DefineCommand): void => {
  define('push', 'Push rows and events: they are online at once.')
    .argument(
      '<file>',
      'JSON lines, {"view": …, "row": {…}} or {"source": …, "event": {…}}; - reads standard input',
    )
    .option('--source <stream>', 'the lines are bare events of this stream')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(push)
}
