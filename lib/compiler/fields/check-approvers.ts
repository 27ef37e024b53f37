import { createPublicKey } from 'node:crypto'
import type { Approver } from '../../definition/approver.ts'
import type { ApproverPlan } from '../../plan/plan.ts'
import { byName } from '../../text/by-name.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { elementsOf } from './check-fields.ts'
import { checkOptions } from './check-options.ts'

const ADDRESS = /^[^@\s,;#"]+@[^@\s,;#"]+$/
const HANDLE = /^@[\w-]+(\/[\w.-]+)?$/

/** Whether the name is valid in CODEOWNERS. */
export const isCodeowner = (value: unknown): value is string =>
  typeof value === 'string' && (ADDRESS.test(value) || HANDLE.test(value))

/** Without duplicates, sorted by name. */
export function checkApprovers(place: DiagnosticPath, value: unknown): readonly ApproverPlan[] {
  const found = new Map<string, ApproverPlan>()
  for (const declared of elementsOf(place, value, 'approvers')) {
    const { name, publicKey }: Partial<Record<keyof Approver, unknown>> =
      typeof declared === 'string' ? { name: declared } : Object(declared)
    if (typeof declared !== 'string') checkOptions(place, declared, ['name', 'publicKey'])
    if (!isCodeowner(name)) place.report('bad-approver', show(name))
    else if (found.has(name)) place.report('duplicate-name', show(name), { allowed: 'each approver once' })
    else found.set(name, { name, publicKey: checkKey(place.inside(name), publicKey) })
  }
  return byName([...found.values()])
}

/** The DER of the key in base64. It is the same text for a key, regardless of the line breaks of its PEM. */
function checkKey(place: DiagnosticPath, value: unknown): string | null {
  if (value === undefined) return null
  const key = typeof value === 'string' ? ed25519Key(value) : null
  // The value is not shown, because it may be a private key.
  if (key === null) place.report('bad-public-key', 'what stands under publicKey')
  return key
}

function ed25519Key(pem: string): string | null {
  // Node would derive the public key from a private key. A private key must not be in definitions.
  if (!pem.includes('BEGIN PUBLIC KEY')) return null
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') return null
    return key.export({ type: 'spki', format: 'der' }).toString('base64')
  } catch {
    return null
  }
}
