/** One change, with a code from the table in change-table.ts. */
import { type ChangeClass, type ChangeCode, sentenceOf } from './change-table.ts'

/** The subject of a change: a view by key, a service or a consumer by name. */
export interface Subject {
  readonly kind: 'view' | 'service' | 'consumer'
  readonly name: string
}

export interface Change {
  readonly code: ChangeCode
  readonly class: ChangeClass
  readonly of: Subject
  /** The path within the subject, such as `feature temp`; `''` for the whole subject. */
  readonly at: string
  /** Null: it did not exist. */
  readonly was: string | null
  readonly is: string | null
  /** Affected users, such as `service departure_delay`, `consumer scorer`, `view route_day@1`. */
  readonly for: readonly string[]
  /** The line diff of both texts, with `+`, `-` or a space before each line; empty for short values. */
  readonly diff: readonly string[]
}

/** A change of an entry in the lock, without its subject. */
export type Found = Pick<Change, 'code'> & Partial<Pick<Change, 'at' | 'was' | 'is' | 'for' | 'diff'>>

export const change = (of: Subject, { code, at, was, is, for: users, diff }: Found): Change => ({
  code,
  class: sentenceOf(code).class,
  of,
  at: at ?? '',
  was: was ?? null,
  is: is ?? null,
  for: users ?? [],
  diff: diff ?? [],
})

const ORDER: readonly ChangeClass[] = ['compatible', 'breaking', 'refused']

/** The most severe class of the changes; `none` without changes. */
export const classOf = (changes: readonly Change[]): ChangeClass | 'none' =>
  ORDER.findLast(one => changes.some(({ class: of }) => of === one)) ?? 'none'

export const subjectText = ({ kind, name }: Subject): string => `${kind} ${name}`

/** The text of a change for people. */
export function describeChange({ code, of, at, was, is, for: users, class: rank }: Change): string {
  const { says, remedy } = sentenceOf(code)
  const values =
    was !== null && is !== null ? ` (${was} → ${is})` : was !== null || is !== null ? ` (${was ?? is})` : ''
  const concerns = users.length === 0 || rank === 'compatible' ? '' : `; it breaks ${users.join(', ')}`
  return `${subjectText(of)}${at === '' ? '' : ` › ${at}`}: ${says}${values} [${code}]${concerns}${remedy === null ? '' : `; ${remedy}`}`
}
