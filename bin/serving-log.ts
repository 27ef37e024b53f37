/** The server's log as a person reads it: a line a request on standard error, never a key or a value of it. */
import type { ServingLog } from '../lambdas/answer-errors.ts'
import { duration, say } from './print.ts'

const line = (mark: string, message: string, fields: Readonly<Record<string, unknown>>): void => {
  const known = Object.entries(fields).filter(([name]) => name !== 'request_id' && name !== 'error')
  const text = known.map(([name, value]) =>
    name === 'ms' && typeof value === 'number' ? duration(value) : `${name}=${value}`,
  )
  const cause = fields['error'] instanceof Error ? `\n${fields['error'].stack}` : ''
  say(`    ${mark} ${message}  ${text.join('  ')}${cause}`)
}

export const servingLog: ServingLog = {
  info: (message, fields) => line('·', message, fields),
  warn: (message, fields) => line('!', message, fields),
  error: (message, fields) => line('✗', message, fields),
}
