/** An error's message out of its cause in a state machine: a text of Lambda's own form, or the message itself. */
import { z } from 'zod'

/** What Lambda answers for a function that threw. */
const thrown = z.object({ errorMessage: z.string() })

export function causeText(cause: string): string {
  if (!cause.startsWith('{')) return cause
  try {
    return thrown.parse(JSON.parse(cause)).errorMessage
  } catch {
    return cause
  }
}
