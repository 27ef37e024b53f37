/** The lifecycle of a version: deprecate, retire, restore. Each function returns the new lock. */

import type { Deprecation, Plan } from '../plan/plan.ts'
import { entryOf } from '../text/by-name.ts'
import { type Lock, type LockedView, lockOf } from './lock.ts'
import { usersOf } from './lock-users.ts'

/** Explains why a state change is refused. */
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

/** @throws {LifecycleError} if the version does not exist or is retired, or `until` is not after `since` */
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
 * The entry of a retired version keeps its keys and features, so that its name and version are never used again.
 * @param plan the plan of the present definitions; nothing in it may read the version
 * @throws {LifecycleError} with the names of all readers
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

/** @throws {LifecycleError} if the version is neither deprecated nor retired */
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
