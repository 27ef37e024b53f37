/**
 * The lock: the last accepted definitions, as a file beside them (`definitions/quern.lock.json`). It is created from
 * the plan, committed, and compared with each later plan (changes.ts). It also records what definitions do not contain:
 * which versions are deprecated or retired, and which changes are approved.
 */
import type { z } from 'zod'
import type { Lifecycle } from '../compiler/compile.ts'
import type { Deprecation, Plan } from '../plan/plan.ts'
import { canonical, contentHash } from '../text/canonical.ts'
import { consumerEntry, serviceEntry, type ViewContent, viewEntry } from './lock-entries.ts'
import { type Lock, type LockedView, lockForm } from './lock-form.ts'

export type { Approval, Lock, LockedConsumer, LockedService, LockedView } from './lock-form.ts'

/** The text is not a valid lock. The message has the path in it and the remedy. */
export class LockError extends Error {
  constructor(where: string, problems: readonly string[], options?: ErrorOptions) {
    super(
      `${where} is no lock: ${problems.join('; ')}; take it from version control again, of a merge one side, and run quern plan --write; to keep what was changed by hand, remove its line "checksum" first`,
      options,
    )
    this.name = 'LockError'
  }
}

/** @param where the path of the file, for messages. @throws {LockError} */
export function parseLock(text: string, where: string): Lock {
  const parsed = lockForm.safeParse(contentOf(jsonOf(text, where), where))
  if (parsed.success) return parsed.data
  throw new LockError(where, problemsOf(parsed.error), { cause: parsed.error })
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = /^(<{7}|>{7}|={7})/m.test(text) ? 'it holds the marks of a merge' : String(cause)
    throw new LockError(where, [reason], { cause })
  }
}

/** The data that the checksum covers, regardless of formatting. Earlier locks have no checksum. */
function contentOf(json: unknown, where: string): unknown {
  if (typeof json !== 'object' || json === null || !('checksum' in json)) return json
  const { checksum, ...content } = json
  if (checksum === contentHash(content)) return content
  throw new LockError(where, [
    'its content does not match its checksum: it was changed by hand, merged or damaged',
  ])
}

const problemsOf = ({ issues }: z.ZodError): readonly string[] =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(' › ')}: ${message}`))

/**
 * Canonical text: equal locks give equal text on every machine. Two branches that both change it conflict in the
 * checksum.
 */
export function lockText(lock: Lock): string {
  const text = canonical({ ...lock, checksum: contentHash(lock) })
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
}

/**
 * The lock of a plan. It keeps what only the lock contains: states of versions, approvals, and versions that are no
 * longer in the plan. Only `quern retire` ends a version.
 */
export function lockOf(plan: Plan, previous: Lock | null): Lock {
  const views = Object.values(plan.views).map(view => {
    const before = previous?.views[view.key]
    return [view.key, withState(viewEntry(plan, view), before)] as const
  })
  return {
    format: 1,
    plan: plan.hash,
    views: { ...previous?.views, ...Object.fromEntries(views) },
    services: mapped(plan.services, serviceEntry),
    consumers: mapped(plan.consumers, consumerEntry),
    approvals: previous?.approvals ?? [],
  }
}

function withState(content: ViewContent, before: LockedView | undefined): LockedView {
  switch (before?.state) {
    case 'deprecated':
      return { state: 'deprecated', deprecated: before.deprecated, ...content }
    case 'retired':
      return { state: 'retired', retired: before.retired, ...content }
    default:
      return { state: 'active', ...content }
  }
}

const mapped = <A, B>(record: Readonly<Record<string, A>>, to: (a: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, a]) => [name, to(a)]))

/** The states of versions that the compiler needs. */
export function lifecycleOf(lock: Lock | null): Lifecycle {
  const views = Object.entries(lock?.views ?? {})
  return {
    deprecated: new Map(
      views.flatMap(([key, view]): readonly (readonly [string, Deprecation])[] =>
        view.state === 'deprecated' ? [[key, view.deprecated]] : [],
      ),
    ),
    retired: new Set(views.flatMap(([key, { state }]) => (state === 'retired' ? [key] : []))),
  }
}
