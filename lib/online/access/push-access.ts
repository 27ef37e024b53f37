/** Authorizes pushes, with the same consumers and signatures as reads. */
import type { Plan } from '../../plan/plan.ts'
import { identityOf } from '../../plan/principal.ts'
import { quoted, RequestError } from '../serving/request-error.ts'
import { type Caller, consumerFinder } from './access.ts'

/**
 * Returns the name of the consumer that pushes. Returns null in a store without consumers, where every caller may
 * push.
 * @param target the name of a stream or the key of a view
 * @throws {RequestError} `unauthenticated`, `unknown-caller`, `push-not-granted`
 */
export type PushAccess = (caller: Caller, target: string) => string | null

export function pushAccess(plan: Pick<Plan, 'consumers'>): PushAccess {
  if (Object.keys(plan.consumers).length === 0) return () => null
  const find = consumerFinder(plan)
  return (caller, target) => {
    if (caller === undefined) throw new RequestError('unauthenticated', { subject: 'the request' })
    const consumer = find(caller)
    if (consumer === undefined) throw new RequestError('unknown-caller', { subject: identityOf(caller) })
    const { name, pushes = [] } = consumer
    if (pushes.includes(target)) return name
    const subject = `consumer ${name}`
    const allowed = pushes.length === 0 ? ['nothing'] : pushes
    throw new RequestError('push-not-granted', { subject, got: quoted(target), allowed })
  }
}
