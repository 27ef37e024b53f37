import { entryOf, namesOf } from '../text/by-name.ts'
import { canonical } from '../text/canonical.ts'
import { durationText } from '../text/duration-text.ts'
import { type Change, change, type Found, type Subject } from './change.ts'
import type { Lock, LockedView } from './lock.ts'
import { usersOf } from './lock-users.ts'
import { maskOf, said, semanticChanges, typeOf } from './meaning-changes.ts'

export const viewChanges = (was: Lock, is: Lock, defined: ReadonlySet<string>): readonly Change[] =>
  namesOf(was.views, is.views).flatMap(key => {
    const of: Subject = { kind: 'view', name: key }
    return changesOfView(key, was, is, defined).map(found => change(of, { for: usersOf(was, key), ...found }))
  })

function changesOfView(key: string, was: Lock, is: Lock, defined: ReadonlySet<string>): readonly Found[] {
  const [before, after] = [entryOf(was.views, key), entryOf(is.views, key)]
  if (after === undefined) return [{ code: 'view-removed' }]
  if (before === undefined) return after.state === 'retired' ? [] : [{ code: addedCode(key, was) }]
  const moved = stateChanges(before, after)
  if (after.state === 'retired') return moved
  if (!defined.has(key)) return [...moved, { code: 'view-removed' }]
  return [
    ...moved,
    ...featureChanges(key, before, after, was),
    ...semanticChanges(before, after),
    ...serving(before, after),
  ]
}

function addedCode(key: string, was: Lock): 'view-added' | 'version-added' {
  const name = key.slice(0, key.indexOf('@') + 1)
  return Object.keys(was.views).some(other => other.startsWith(name)) ? 'version-added' : 'view-added'
}

function stateChanges(before: LockedView, after: LockedView): readonly Found[] {
  if (after.state === 'active')
    return before.state === 'active' ? [] : [{ code: 'view-restored', was: before.state }]
  if (after.state === 'retired')
    return before.state === 'retired' ? [] : [{ code: 'view-retired', is: after.retired }]
  const same = before.state === 'deprecated' && canonical(before.deprecated) === canonical(after.deprecated)
  return same ? [] : [{ code: 'view-deprecated', is: `until ${after.deprecated.until}` }]
}

function featureChanges(key: string, before: LockedView, after: LockedView, was: Lock): readonly Found[] {
  return namesOf(before.features, after.features).flatMap((name): readonly Found[] => {
    const [old, now] = [entryOf(before.features, name), entryOf(after.features, name)]
    if (old === now) return []
    const where = { at: `feature ${name}`, was: old ?? null, is: now ?? null }
    const users = { for: usersOf(was, key, name) }
    if (old === undefined || now === undefined)
      return [
        now === undefined
          ? { code: 'feature-removed', ...where, ...users }
          : { code: isOfEvents(after) ? 'event-feature-added' : 'feature-added', ...where, for: [] },
      ]
    if (typeOf(old) !== typeOf(now)) return [{ code: 'feature-retyped', ...where, ...users }]
    return [{ code: maskOf(now) === '' ? 'feature-shown' : 'feature-hidden', ...where, ...users }]
  })
}

/** Pushed events are ingested once. Aggregate views report changes of their windows separately. */
const isOfEvents = ({ source, aggregates }: LockedView): boolean =>
  aggregates === null && 'kind' in source && source.kind === 'stream'

/** Changes of serving settings and ownership. */
function serving(before: LockedView, after: LockedView): readonly Found[] {
  const found: Found[] = []
  const compareField = (
    code: Found['code'],
    name: 'ttlMs' | 'maxStalenessMs' | 'schedule' | 'freshnessMs' | 'monthlyCost' | 'owner' | 'approvers',
    at: string,
  ) => {
    if (said(before[name]) !== said(after[name]))
      found.push({ code, at, was: text(name, before[name]), is: text(name, after[name]) })
  }
  compareField(longer(before.ttlMs, after.ttlMs, Infinity) ? 'ttl-longer' : 'ttl-shorter', 'ttlMs', 'ttl')
  const stale = longer(before.maxStalenessMs, after.maxStalenessMs, 0)
  compareField(stale ? 'staleness-longer' : 'staleness-shorter', 'maxStalenessMs', 'maxStaleness')
  if (before.online !== after.online) found.push({ code: after.online ? 'online-on' : 'online-off' })
  compareField('schedule-changed', 'schedule', 'schedule')
  compareField('budget-changed', 'freshnessMs', 'freshness')
  compareField('budget-changed', 'monthlyCost', 'monthlyCost')
  compareField('owner-changed', 'owner', 'owner')
  compareField('approvers-changed', 'approvers', 'approvers')
  if (before.about !== after.about) found.push({ code: 'about-changed', for: [] })
  return found
}

const longer = (was: number | null, is: number | null, none: number): boolean => (is ?? none) > (was ?? none)

function text(name: string, value: unknown): string {
  if (value === null) return name === 'ttlMs' ? 'for ever' : 'none'
  if (name === 'monthlyCost') return `$${value}`
  return typeof value === 'number' ? durationText(value) : said(value)
}
