/** `POST /push/{source}` on this machine: what a stream and the function behind it do in the cloud, in one process. */
import { pushEvents } from '../../../lambdas/push-events.ts'
import type { ProxyHandler } from '../../local/http/http-front.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import type { EventsContext } from '../../verbs/push/accept-events.ts'
import { servingLog } from '../print/serving-log.ts'
import type { StoreOnline } from './store.ts'

const sendTo =
  ({ clock, push }: Pick<StoreOnline, 'clock' | 'push'>): EventsContext['send'] =>
  async records => {
    const arrived = microsOf(clock.now())
    const { failed, refused } = await push(records.map(({ text }, i) => ({ id: String(i), text, arrived })))
    for (const { reason } of refused) servingLog.warn('refused', { reason })
    if (failed.length > 0)
      throw new OnlineStoreError(`${failed.length} events could not be written`, {
        retryable: true,
        keys: [],
      })
  }

export const pushInProcess = (store: StoreOnline): ProxyHandler =>
  pushEvents({ plan: store.plan, clock: store.clock, send: sendTo(store) }, { log: servingLog })
