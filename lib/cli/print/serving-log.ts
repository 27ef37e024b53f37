/** The server's log as a person reads it: a line a request on standard error, never a key or a value of it. */
import type { ServingLog } from '../../../lambdas/access-log.ts'
import { duration, say } from './print.ts'

const LEFT_OUT: ReadonlySet<string> = new Set(['views', 'request_id', 'trace_id', 'store_ms', 'error'])

/** Counts by name, those that count nothing left out. */
const shown = (value: unknown): string =>
  typeof value === 'object'
    ? Object.entries(value ?? {})
        .filter(([, n]) => n !== 0)
        .map(([name, n]) => `${name}:${n}`)
        .join(',')
    : String(value)

const line = (mark: string, message: string, fields: Readonly<Record<string, unknown>>): void => {
  const known = Object.entries(fields).filter(([name, value]) => !LEFT_OUT.has(name) && value !== null)
  const text = known.map(([name, value]) =>
    name === 'ms' && typeof value === 'number' ? duration(value) : `${name}=${shown(value)}`,
  )
  const cause = fields['error'] instanceof Error ? `\n${fields['error'].stack}` : ''
  say(`    ${mark} ${message}  ${text.join('  ')}${cause}`)
}

export const servingLog: ServingLog = {
  info: (message, fields) => line('·', message, fields),
  warn: (message, fields) => line('!', message, fields),
  error: (message, fields) => line('✗', message, fields),
}
