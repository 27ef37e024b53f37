/** Finds the users of views and features in a lock. */
import { compareText } from '../text/by-name.ts'
import type { Lock, LockedService } from './lock.ts'
import { viewRefLine } from './lock-entries.ts'

/** The lines of all features that a service reads. */
const linesOf = ({ features, inputs }: LockedService): readonly string[] => [
  ...Object.values(features),
  ...inputs,
]

/** The readers of a view, or of one feature of it: services, consumers with grants, views over it. */
export function usersOf(lock: Lock, view: string, feature?: string): readonly string[] {
  const services = Object.entries(lock.services).filter(([, service]) =>
    linesOf(service)
      .map(viewRefLine)
      .some(line => line.view === view && (feature === undefined || line.feature === feature)),
  )
  const consumers = Object.entries(lock.consumers).filter(([, { grants }]) => {
    const granted = Object.hasOwn(grants, view) ? grants[view] : undefined
    return granted !== undefined && (feature === undefined || Object.hasOwn(granted, feature))
  })
  const named = (kind: string, entries: readonly (readonly [string, unknown])[]) =>
    entries.map(([name]) => `${kind} ${name}`)
  return [
    ...named('service', services),
    ...named('consumer', consumers),
    ...readersOf(lock, view).map(key => `view ${key}`),
    ...spinesOf(lock, view),
  ].sort(compareText)
}

/** Views that read a view, directly or through others. Retired views read nothing. */
export function readersOf(lock: Lock, view: string): readonly string[] {
  const direct = Object.entries(lock.views)
    .filter(([, { state, source }]) => state !== 'retired' && 'view' in source && source.view === view)
    .map(([key]) => key)
  return [...new Set(direct.flatMap(key => [key, ...readersOf(lock, key)]))].sort(compareText)
}

/** Services that use the history of a view only as spine of their training sets. */
const spinesOf = (lock: Lock, view: string): readonly string[] =>
  Object.entries(lock.services)
    .filter(([, service]) => {
      const uses = linesOf(service).some(text => viewRefLine(text).view === view)
      return service.spine?.from === view && !uses
    })
    .map(([name]) => `service ${name}`)
