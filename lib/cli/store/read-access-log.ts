/** Who was answered from a view, by the serving API's access log: JSON lines, as the function writes them. */
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { Lock } from '../../change/lock.ts'
import { viewRefLine } from '../../change/lock-entries.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { entryOf } from '../../text/by-name.ts'
import { textLines } from '../../text-lines.ts'

/** Of a line, what counts here; all lines but these are passed over. */
const servedLine = z.object({
  message: z.literal('served'),
  /** Powertools' own field; a line without one counts as of now. */
  timestamp: z.string().optional(),
  feature_service: z.string(),
  /** Views that were read; logs of before this field tell them by the service. */
  views: z.array(z.string()).optional(),
  consumer: z.string().nullable().optional(),
})

export interface Reader {
  readonly who: string
  readonly times: number
  /** As the log has it. */
  readonly last: string
}

export interface ReadersInput {
  /** The view's key. */
  readonly key: string
  /** As it stands: services that may have read the view until now. */
  readonly lock: Lock
  /** Microseconds since 1970: lines of before do not count. */
  readonly from: bigint
}

/** @throws {StoreError} `bad-argument` if the file cannot be read, or a line is no JSON */
export async function readersIn(path: string, { key, lock, from }: ReadersInput): Promise<readonly Reader[]> {
  const readers = new Map<string, Reader>()
  for await (const line of linesOf(path)) {
    const { data } = servedLine.safeParse(line)
    if (data === undefined || !reads(data, key, lock)) continue
    const { timestamp } = data
    if (timestamp !== undefined && microsOf(Date.parse(timestamp)) < from) continue
    const who = [data.consumer ?? 'somebody', data.feature_service].filter(text => text !== '').join(' by ')
    readers.set(who, {
      who,
      times: (readers.get(who)?.times ?? 0) + 1,
      last: timestamp ?? 'at an unknown time',
    })
  }
  return [...readers.values()]
}

const reads = ({ views, feature_service }: z.output<typeof servedLine>, key: string, lock: Lock): boolean => {
  if (views !== undefined) return views.includes(key)
  const features = entryOf(lock.services, feature_service)?.features ?? {}
  return Object.values(features).some(text => viewRefLine(text).view === key)
}

async function* linesOf(path: string): AsyncGenerator<unknown> {
  const refuse = (what: string, cause: unknown): StoreError =>
    new StoreError('bad-argument', `--access-log ${path}: ${what}`, { cause })
  let number = 0
  try {
    for await (const line of textLines(createReadStream(path))) {
      number++
      if (line.trim() !== '') yield JSON.parse(line)
    }
  } catch (cause) {
    if (cause instanceof TypeError) throw refuse('it is not UTF-8', cause)
    if (cause instanceof SyntaxError) throw refuse(`line ${number} is no JSON`, cause)
    throw cause instanceof Error && 'code' in cause
      ? refuse(`it cannot be read (${cause.message})`, cause)
      : cause
  }
}
