/** A version's life after it was defined: deprecated, retired, restored. Each gives the lock as it then is. */

import type { Deprecation, Plan } from '../plan/plan.ts'
import { entryOf } from '../text/by-name.ts'
import { type Lock, type LockedView, lockOf } from './lock.ts'
import { usersOf } from './lock-users.ts'

/** Says why a version cannot go where it is sent. */
export class LifecycleError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LifecycleError'
  }
}

/** @throws {LifecycleError} */
function lockedView(lock: Lock, key: string): LockedView {
  const view = entryOf(lock.views, key)
  if (view !== undefined) return view
  throw new LifecycleError(
    `the lock has no view '${key}'; it has ${Object.keys(lock.views).join(', ') || 'none'}`,
  )
}

const withView = (lock: Lock, key: string, view: LockedView): Lock => ({
  ...lock,
  views: { ...lock.views, [key]: view },
})

/** @throws {LifecycleError} if there is no such version, it is retired, or the day lies before */
export function deprecate(lock: Lock, key: string, deprecated: Deprecation): Lock {
  const view = lockedView(lock, key)
  if (view.state === 'retired')
    throw new LifecycleError(`view ${key} was retired on ${view.retired}; there is nothing left to deprecate`)
  if (deprecated.until <= deprecated.since)
    throw new LifecycleError(
      `--until: ${deprecated.until} is not after ${deprecated.since}; name a later day`,
    )
  return withView(lock, key, { ...contentOf(view), state: 'deprecated', deprecated })
}

/**
 * The tombstone keeps keys and features, so that the name and version never come to mean something else.
 * @param plan what the definitions say now: nothing in it may read the version
 * @throws {LifecycleError} naming all that reads it
 */
export function retire(
  lock: Lock,
  key: string,
  { plan, on }: { readonly plan: Plan; readonly on: string },
): Lock {
  const view = lockedView(lock, key)
  if (view.state === 'retired') throw new LifecycleError(`view ${key} was retired on ${view.retired} already`)
  const readers = usersOf(lockOf(plan, null), key)
  if (readers.length > 0)
    throw new LifecycleError(
      `view ${key} is still read by ${readers.join(', ')}; move them to another version first`,
    )
  return withView(lock, key, { ...contentOf(view), state: 'retired', retired: on })
}

/** @throws {LifecycleError} if it is neither deprecated nor retired */
export function restore(lock: Lock, key: string): Lock {
  const view = lockedView(lock, key)
  if (view.state === 'active') throw new LifecycleError(`view ${key} is active; there is nothing to restore`)
  return withView(lock, key, { ...contentOf(view), state: 'active' })
}

function contentOf(view: LockedView) {
  switch (view.state) {
    case 'active':
      return view
    case 'deprecated': {
      const { deprecated: _, ...content } = view
      return content
    }
    case 'retired': {
      const { retired: _, ...content } = view
      return content
    }
  }
}
