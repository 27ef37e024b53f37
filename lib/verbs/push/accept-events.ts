/** Events that come in a request: held to their stream at once, then on their way with all other pushed records. */

import type { Caller } from '../../online/access/access.ts'
import { pushAccess } from '../../online/access/push-access.ts'
import { eventsReader, type StreamRecord } from '../../online/push/pushed-events.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Clock } from '../../runtime.ts'
import { microsOf } from '../../semantics/point-in-time.ts'

export interface EventsContext {
  readonly plan: Plan
  readonly clock: Clock
  /** All of them, or an error; records may be sent again. @throws {OnlineStoreError} if they cannot be taken now */
  readonly send: (records: readonly StreamRecord[]) => Promise<void>
}

export interface EventsAnswer {
  /** JSON, see ROUTES.pushEvents. */
  readonly text: string
  readonly accepted: number
  readonly refused: number
  /** As whom the caller pushed; null in a plan without consumers. */
  readonly consumer: string | null
}

/** Takes a body, which is read only once it is known that its caller may push. */
export type AcceptEvents = (source: string, body: () => string, caller: Caller) => Promise<EventsAnswer>

/**
 * Makes the verb for a world.
 * @throws {RequestError} if the caller may not push there, or the stream or the body as a whole is wrong
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
