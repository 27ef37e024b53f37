/**
 * Approvals: records in the lock that an approver agrees to one change of a view or service. A change is identified by
 * the entries before and after it. Any other change, including one back, has another hash and needs a new approval.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { entryOf } from '../text/by-name.ts'
import { canonical, contentHash } from '../text/canonical.ts'
import type { Change, Subject } from './change.ts'
import type { Approval, Lock } from './lock.ts'

/** A changed view or service that needs an approval. */
export interface Approvable {
  readonly of: Subject
  /** Hash of the change. */
  readonly change: string
  /** Public keys by name of approver, as of before the change: DER in base64; null if no signature is needed. */
  readonly approvers: Readonly<Record<string, string | null>>
}

type Approved = Pick<Lock['views'][string] | Lock['services'][string], 'approvers'>

/** The entry of a subject in a lock; null if there is none. */
function entryIn(lock: Lock | null, { kind, name }: Subject): Approved | null {
  if (lock === null || kind === 'consumer') return null
  return entryOf<Approved>(kind === 'view' ? lock.views : lock.services, name) ?? null
}

/**
 * The changed subjects that have approvers. A change of the approvers themselves needs the approval of the earlier
 * ones.
 * @param was null: no earlier lock
 */
export function approvables(changes: readonly Change[], was: Lock | null, is: Lock): readonly Approvable[] {
  const subjects = new Map(changes.map(({ of }) => [`${of.kind} ${of.name}`, of]))
  return [...subjects.values()].flatMap(of => {
    const [before, after] = [entryIn(was, of), entryIn(is, of)]
    const asked = Object.keys(before?.approvers ?? {}).length > 0 ? before : after
    const approvers = asked?.approvers ?? {}
    const change = contentHash({ of: of.name, was: before, is: after })
    return Object.keys(approvers).length === 0 ? [] : [{ of, change, approvers }]
  })
}

/** The reason why a change is not approved; null if it is. */
export function lacking(
  { of, change, approvers }: Approvable,
  approvals: readonly Approval[],
): string | null {
  const records = approvals.filter(record => record.of === of.name)
  const own = records.filter(record => record.change === change && Object.hasOwn(approvers, record.by))
  const names = Object.keys(approvers).join(' or ')
  if (own.some(record => isSigned(record, approvers[record.by] ?? null))) return null
  if (own.length > 0)
    return `the approval by ${own.map(({ by }) => by).join(', ')} is not signed with the key of its approver`
  if (records.length > 0) return `it has changed since it was approved; ask ${names} again`
  return `nobody has approved it; ask ${names}`
}

/** The bytes to sign. */
const message = ({ of, change, by, at }: Omit<Approval, 'signature'>): Buffer =>
  Buffer.from(canonical({ of, change, by, at }))

function isSigned(record: Approval, publicKey: string | null): boolean {
  if (publicKey === null) return true
  if (record.signature === null) return false
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return verify(null, message(record), key, Buffer.from(record.signature, 'base64'))
}

export interface ApproveInput extends Approvable {
  readonly by: string
  /** ISO 8601. */
  readonly at: string
  /** An Ed25519 private key in PEM. @default not signed */
  readonly key?: string
}

/** Explains why an approval is refused. */
export class ApprovalError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ApprovalError'
  }
}

/** @throws {ApprovalError} if `by` is not an approver, or the signature with their key is missing */
export function approve({ of, change, approvers, by, at, key }: ApproveInput): Approval {
  const publicKey = entryOf(approvers, by)
  if (publicKey === undefined)
    throw new ApprovalError(
      `${by} is no approver of ${of.kind} ${of.name}; its approvers are ${Object.keys(approvers).join(', ')}`,
    )
  const record = { of: of.name, change, by, at }
  if (publicKey === null) return { ...record, signature: null }
  if (key === undefined)
    throw new ApprovalError(
      `${by} has a key in the definitions, so the approval must be signed; name the private key with --key`,
    )
  const privateKey = ed25519(key)
  const own = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  if (own !== publicKey)
    throw new ApprovalError(`the key is not that of ${by}: its public half is not the one in the definitions`)
  return { ...record, signature: sign(null, message(record), privateKey).toString('base64') }
}

function ed25519(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // The error below reports this without the text of the key.
  }
  throw new ApprovalError(
    'the key is not an Ed25519 private key in PEM; make one with openssl genpkey -algorithm ed25519 -out key.pem',
  )
}

/** The lock with one more approval. It replaces an earlier one by the same approver for the same change. */
export const withApproval = (lock: Lock, record: Approval): Lock => ({
  ...lock,
  approvals: [...lock.approvals.filter(one => keyOf(one) !== keyOf(record)), record].sort((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  ),
})

const keyOf = ({ of, change, by }: Approval): string => [of, change, by].join('\n')
