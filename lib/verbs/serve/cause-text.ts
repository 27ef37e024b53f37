/** Extracts an error's message from its cause in a state machine. The cause is Lambda's JSON, or the message itself. */
import { z } from 'zod'

/** The response of Lambda for a function that threw an error. */
const thrown = z.object({ errorMessage: z.string() })

export function causeText(cause: string): string {
  if (!cause.startsWith('{')) return cause
  try {
    return thrown.parse(JSON.parse(cause)).errorMessage
  } catch {
    return cause
  }
}
