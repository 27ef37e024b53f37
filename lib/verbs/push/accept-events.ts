/** Accepts events from a request: checks them against their stream, and sends them to the push stream. */

import type { Caller } from '../../online/access/access.ts'
import { pushAccess } from '../../online/access/push-access.ts'
import { eventsReader, type StreamRecord } from '../../online/push/pushed-events.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Clock } from '../../runtime.ts'
import { microsOf } from '../../semantics/point-in-time.ts'

export interface EventsContext {
  readonly plan: Plan
  readonly clock: Clock
  /** Sends all records, or throws. Records may be sent again. @throws {OnlineStoreError} if the stream is unavailable */
  readonly send: (records: readonly StreamRecord[]) => Promise<void>
}

export interface EventsAnswer {
  /** JSON, see ROUTES.pushEvents. */
  readonly text: string
  readonly accepted: number
  readonly refused: number
  /** The caller's consumer; null in a plan without consumers. */
  readonly consumer: string | null
}

/** Accepts a request's body. The body is read only after the caller's access is checked. */
export type AcceptEvents = (source: string, body: () => string, caller: Caller) => Promise<EventsAnswer>

/**
 * Makes the verb. The verb rejects with a `RequestError` if the caller may not push to the stream, the stream does not
 * exist, or the body as a whole is invalid.
 */
export function eventAcceptor(world: EventsContext): AcceptEvents {
  const [read, access] = [eventsReader(world.plan), pushAccess(world.plan)]
  return async (source, bodyOf, caller) => {
    const consumer = access(caller, source)
    const body = bodyOf()
    const { accepted, refused } = read(source, body, microsOf(world.clock.now()))
    if (accepted.length > 0) await world.send(accepted)
    const text = JSON.stringify({ accepted: accepted.length, refused })
    return { text, accepted: accepted.length, refused: refused.length, consumer }
  }
}
