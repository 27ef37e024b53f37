import { entryOf, namesOf } from '../text/by-name.ts'
import { type Change, change, type Found, type Subject } from './change.ts'
import type { Lock, LockedConsumer } from './lock.ts'

export const consumerChanges = (was: Lock, is: Lock): readonly Change[] => {
  // A store that has services but no consumers answers every caller.
  const isOpen = Object.keys(was.consumers).length === 0 && Object.keys(was.services).length > 0
  return namesOf(was.consumers, is.consumers).flatMap(name => {
    const of: Subject = { kind: 'consumer', name }
    const [before, after] = [entryOf(was.consumers, name), entryOf(is.consumers, name)]
    const users = isOpen ? ['everybody who asks'] : [`consumer ${name}`]
    return changesOfConsumer(before, after, isOpen).map(found => change(of, { for: users, ...found }))
  })
}

function changesOfConsumer(
  before: LockedConsumer | undefined,
  after: LockedConsumer | undefined,
  isOpen: boolean,
): readonly Found[] {
  if (before === undefined) return [isOpen ? { code: 'store-closed' } : { code: 'consumer-added', for: [] }]
  if (after === undefined) return [{ code: 'consumer-removed' }]
  return [
    ...principalChanges(before, after),
    ...grantChanges(before, after),
    ...pushChanges(before, after),
    ...(before.owner === after.owner
      ? []
      : [{ code: 'owner-changed', at: 'owner', was: before.owner, is: after.owner } as const]),
    ...(before.about === after.about ? [] : [{ code: 'about-changed' } as const]),
  ]
}

const principalChanges = (before: LockedConsumer, after: LockedConsumer): readonly Found[] => [
  ...after.principals
    .filter(arn => !before.principals.includes(arn))
    .map((is): Found => ({ code: 'principal-added', is })),
  ...before.principals
    .filter(arn => !after.principals.includes(arn))
    .map((was): Found => ({ code: 'principal-removed', was })),
]

const pushChanges = (before: LockedConsumer, after: LockedConsumer): readonly Found[] => [
  ...after.pushes
    .filter(name => !before.pushes.includes(name))
    .map((is): Found => ({ code: 'push-granted', at: 'pushes', is })),
  ...before.pushes
    .filter(name => !after.pushes.includes(name))
    .map((was): Found => ({ code: 'push-removed', at: 'pushes', was })),
]

/** `view@1:feature` → how the grant shows it. */
const shownOf = ({ grants }: LockedConsumer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(grants).flatMap(([view, features]) =>
      Object.entries(features).map(([feature, how]) => [`${view}:${feature}`, how]),
    ),
  )

function grantChanges(before: LockedConsumer, after: LockedConsumer): readonly Found[] {
  const [old, now] = [shownOf(before), shownOf(after)]
  return namesOf(old, now).flatMap((feature): readonly Found[] => {
    const [was, is] = [entryOf(old, feature), entryOf(now, feature)]
    if (was === is) return []
    const where = { at: feature, was: was ?? null, is: is ?? null }
    if (was === undefined) return [{ code: 'grant-added', ...where }]
    if (is === undefined) return [{ code: 'grant-removed', ...where }]
    return [{ code: is === 'as it is' ? 'grant-unmasked' : 'grant-masked', ...where }]
  })
}
