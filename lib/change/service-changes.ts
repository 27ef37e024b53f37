import { entryOf, namesOf } from '../text/by-name.ts'
import { canonical } from '../text/canonical.ts'
import { durationText } from '../text/duration-text.ts'
import { lineDiff } from '../text/line-diff.ts'
import { type Change, change, type Found, type Subject } from './change.ts'
import type { Lock, LockedService } from './lock.ts'
import { derivedLine, viewRefLine } from './lock-entries.ts'

export const serviceChanges = (was: Lock, is: Lock): readonly Change[] =>
  namesOf(was.services, is.services).flatMap(name => {
    const of: Subject = { kind: 'service', name }
    // Definitions do not list the callers of a service, so the text names them in general.
    const users = [`callers of service ${name}`]
    const [before, after] = [entryOf(was.services, name), entryOf(is.services, name)]
    return changesOfService(before, after).map(found => change(of, { for: users, ...found }))
  })

function changesOfService(
  before: LockedService | undefined,
  after: LockedService | undefined,
): readonly Found[] {
  if (before === undefined) return [{ code: 'service-added', for: [] }]
  if (after === undefined) return [{ code: 'service-removed' }]
  return [
    ...keyChanges(before, after),
    ...columnChanges(before, after),
    ...derivedChanges(before, after),
    ...otherChanges(before, after),
  ]
}

function keyChanges(before: LockedService, after: LockedService): readonly Found[] {
  const [was, is] = [canonical(before.joinKeys), canonical(after.joinKeys)]
  const [given, asked] = [canonical(before.request), canonical(after.request)]
  return [
    ...(was === is ? [] : ([{ code: 'service-keys-changed', was, is }] as const)),
    ...(given === asked ? [] : ([{ code: 'service-request-changed', was: given, is: asked }] as const)),
  ]
}

function columnChanges(before: LockedService, after: LockedService): readonly Found[] {
  return namesOf(before.features, after.features).flatMap((name): readonly Found[] => {
    const [was, is] = [entryOf(before.features, name), entryOf(after.features, name)]
    if (was === is) return []
    const where = { at: `feature ${name}`, was: was ?? null, is: is ?? null }
    if (was === undefined) return [{ code: 'service-feature-added', ...where, for: [] }]
    if (is === undefined) return [{ code: 'service-feature-removed', ...where }]
    return lineChanges(was, is).map(code => ({ code, ...where }))
  })
}

/** If a stored feature becomes a derived feature with the same name, the change is one removal and one addition. */
function derivedChanges(before: LockedService, after: LockedService): readonly Found[] {
  return namesOf(before.derived, after.derived).flatMap((name): readonly Found[] => {
    const [was, is] = [entryOf(before.derived, name), entryOf(after.derived, name)]
    if (was === is) return []
    const where = { at: `feature ${name}`, was: was ?? null, is: is ?? null }
    if (was === undefined) return [{ code: 'service-feature-added', ...where, for: [] }]
    if (is === undefined) return [{ code: 'service-feature-removed', ...where }]
    const [old, now] = [derivedLine(was), derivedLine(is)]
    return [
      ...(old.type === now.type ? [] : ([{ code: 'service-feature-retyped', ...where }] as const)),
      ...(old.column === now.column ? [] : ([{ code: 'service-column-renamed', ...where }] as const)),
      ...(old.expression === now.expression ? [] : ([{ code: 'derived-changed', ...where }] as const)),
    ]
  })
}

function lineChanges(was: string, is: string): readonly Found['code'][] {
  const [old, now] = [viewRefLine(was), viewRefLine(is)]
  return [
    ...(old.type === now.type ? [] : (['service-feature-retyped'] as const)),
    ...(old.view === now.view && old.feature === now.feature ? [] : (['service-feature-moved'] as const)),
    ...(old.column === now.column ? [] : (['service-column-renamed'] as const)),
    ...(old.role === now.role ? [] : (['service-role-changed'] as const)),
  ]
}

const budgetChanges = (before: LockedService, after: LockedService): readonly Found[] =>
  BUDGETS.flatMap(({ name, at, text }) => {
    const [was, is] = [before[name], after[name]].map(value => (value === null ? 'none' : text(value)))
    return was === undefined || is === undefined || was === is
      ? []
      : [{ code: 'budget-changed', at, was, is }]
  })

const BUDGETS = [
  { name: 'latencyMs', at: 'latency', text: durationText },
  { name: 'monthlyCost', at: 'monthlyCost', text: (dollars: number) => `$${dollars}` },
] as const

const spineLines = ({ spine }: LockedService): readonly string[] =>
  spine === null ? [] : [`from ${spine.from}`, ...spine.query]

function otherChanges(before: LockedService, after: LockedService): readonly Found[] {
  const found: Found[] = []
  if (canonical(before.spine) !== canonical(after.spine))
    found.push({ code: 'spine-changed', at: 'spine', diff: lineDiff(spineLines(before), spineLines(after)) })
  found.push(...budgetChanges(before, after))
  if (before.owner !== after.owner)
    found.push({ code: 'owner-changed', at: 'owner', was: before.owner, is: after.owner })
  const [was, is] = [canonical(before.approvers), canonical(after.approvers)]
  if (was !== is) found.push({ code: 'approvers-changed', at: 'approvers', was, is })
  if (before.about !== after.about) found.push({ code: 'about-changed' })
  return found
}
