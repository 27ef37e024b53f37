import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { hours } from 'quern'
import {
  type Approvable,
  ApprovalError,
  approvables,
  approve,
  lacking,
  withApproval,
} from '../../lib/change/approvals.ts'
import { changesOf } from '../../lib/change/changes.ts'
import { codeowners } from '../../lib/change/codeowners.ts'
import { type Lock, lockOf } from '../../lib/change/lock.ts'
import { lockedAs, planOf, type StoreChange } from '../compiler/changing-store.ts'

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
const BOB = pair()
const AT = '2026-01-01T00:00:00Z'
const ANN = 'ann@example.com'

const asked = (approvers: readonly unknown[], more: object = {}): StoreChange => ({
  weather: { approvers, ...more },
})

function changed(was: StoreChange, is: StoreChange): { readonly change: Approvable; readonly lock: Lock } {
  const before = lockedAs(was)
  const plan = planOf(is)
  const lock = lockOf(plan, before)
  const [change] = approvables(changesOf(before, plan), before, lock)
  if (change === undefined) throw new Error('nothing is to be approved')
  return { change, lock }
}

const longer = (approvers: readonly unknown[], ttl = 4) =>
  changed(asked(approvers), asked(approvers, { ttl: hours(ttl) }))

describe('an approval', () => {
  it('allows the change that it was given for', () => {
    const { change, lock } = longer([ANN])
    expect(lacking(change, lock.approvals)).toBe('nobody has approved it; ask ann@example.com')
    const { approvals } = withApproval(lock, approve({ ...change, by: ANN, at: AT }))
    expect(approvals).toEqual([{ of: 'weather@1', change: change.change, by: ANN, at: AT, signature: null }])
    expect(lacking(change, approvals)).toBeNull()
  })

  it('allows no other change, and not the reverse change', () => {
    const { change, lock } = longer([ANN])
    const { approvals } = withApproval(lock, approve({ ...change, by: ANN, at: AT }))
    expect(lacking(longer([ANN], 5).change, approvals)).toBe(
      'it has changed since it was approved; ask ann@example.com again',
    )
    const back = changed(asked([ANN], { ttl: hours(4) }), asked([ANN]))
    expect(lacking(back.change, approvals)).not.toBeNull()
  })

  it('may come from any approver, with one record each', () => {
    const { change, lock } = longer([ANN, '@org/team'])
    const once = withApproval(lock, approve({ ...change, by: '@org/team', at: AT }))
    expect(lacking(change, once.approvals)).toBeNull()
    const twice = withApproval(once, approve({ ...change, by: '@org/team', at: '2026-01-02T00:00:00Z' }))
    expect(twice.approvals.map(({ at }) => at)).toEqual(['2026-01-02T00:00:00Z'])
  })

  it('is not needed without approvers or without changes', () => {
    const before = lockedAs(asked([ANN]))
    expect(approvables(changesOf(before, planOf(asked([ANN]))), before, before)).toEqual([])
    expect(() => longer([])).toThrow('nothing is to be approved')
  })

  it('of a removal of approvers must come from the earlier approvers', () => {
    const { change } = changed(asked([ANN]), asked([]))
    expect(Object.keys(change.approvers)).toEqual([ANN])
    const replaced = changed(asked([ANN]), asked(['eve@example.com']))
    expect(Object.keys(replaced.change.approvers)).toEqual([ANN])
  })

  it('of a new definition must come from the approvers that it names', () => {
    const { change } = changed({}, { more: weather => [{ ...weather, name: 'other', approvers: [ANN] }] })
    expect([change.of.name, Object.keys(change.approvers)]).toEqual(['other@1', [ANN]])
  })
})

describe('a signed approval', () => {
  const { change, lock } = longer([{ name: 'bob@example.com', publicKey: BOB.publicKey }])
  const by = { ...change, by: 'bob@example.com', at: AT }

  it('is valid with a signature of the key in the definitions', () => {
    const record = approve({ ...by, key: BOB.key })
    expect(lacking(change, withApproval(lock, record).approvals)).toBeNull()
  })

  it.each(['by', 'at', 'signature'] as const)('is not valid with another %s', field => {
    const record = approve({ ...by, key: BOB.key })
    const forged = { ...record, [field]: { by: 'bob@example.com ', at: '2027', signature: 'AAAA' }[field] }
    expect(lacking(change, [forged])).toMatch(/is not signed with the key|has changed since/)
  })

  it('is not valid with the signature of another change', () => {
    const other = longer([{ name: 'bob@example.com', publicKey: BOB.publicKey }], 5).change
    const { signature } = approve({ ...by, ...other, key: BOB.key })
    expect(lacking(change, [{ ...approve({ ...by, key: BOB.key }), signature }])).toMatch(/is not signed/)
  })

  it.each([
    [
      'by a person who is not an approver',
      { ...by, by: 'eve@example.com' },
      /^eve@example.com is no approver of view weather@1; its approvers are bob/,
    ],
    ['without the key', by, /must be signed; name the private key with --key/],
    ['with another key', { ...by, key: pair().key }, /the key is not that of bob@example.com/],
    ['with an invalid key', { ...by, key: 'secret words' }, /^the key is not an Ed25519 private key in PEM/],
  ])('is refused: %s', (_what, input, message) => {
    expect(() => approve(input)).toThrow(ApprovalError)
    expect(() => approve(input)).toThrow(message)
  })
})

describe('CODEOWNERS', () => {
  const plan = planOf({
    ...asked(['@org/team', ANN]),
    service: () => ({ owner: 'delays@example.com' }),
    above: true,
  })

  it('assigns each file to its approvers, or to its owners if it has no approvers', () => {
    const files = [
      { path: 'definitions/b c.ts', views: [], services: ['delay'] },
      { path: 'definitions/a.ts', views: ['weather@1'], services: ['delay'] },
      { path: 'definitions/nobody.ts', views: ['above@1'], services: [] },
    ]
    expect(codeowners(plan, files).split('\n').slice(1)).toEqual([
      '/definitions/a.ts @org/team ann@example.com delays@example.com',
      '/definitions/b\\ c.ts delays@example.com',
      '',
    ])
  })
})
