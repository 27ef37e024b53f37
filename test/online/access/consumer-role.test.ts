/** The roles for consumers of other accounts: their names, and the callers that use them. */
import { describe, expect, it } from '@jest/globals'
import { consumer } from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import { consumerFinder } from '../../../lib/online/access/access.ts'
import { callerByRole, consumerRoleName } from '../../../lib/online/access/consumer-role.ts'
import { weather } from '../../compiler/example.ts'

const long = 'a_team_of_another_account_with_a_long_name_indeed'
const plan = compile(
  ['partner', long].map((name, i) =>
    consumer({ name, principals: [`arn:aws:iam::21098765432${i}:role/them`], grants: [weather] }),
  ),
)
const find = consumerFinder(plan)
const account = '123456789012'
const session = (role: string, of = account) => `arn:aws:sts::${of}:assumed-role/${role}/their-session`
const nameOf = (arn: string, environment = 'prod') =>
  find(callerByRole({ arn, account, environment }))?.name ?? null

describe('callerByRole', () => {
  it.each(['partner', long])('returns the consumer %s for its role', name => {
    expect(nameOf(session(consumerRoleName('prod', name)))).toBe(name)
  })

  it.each([
    ['another account', session('quern-prod-partner', '210987654321')],
    ['another environment', session('quern-dev-partner')],
    ['another consumer', session('quern-prod-nobody')],
    ['a longer name', session('quern-prod-partner-2')],
    ['a user of that name', `arn:aws:iam::${account}:user/quern-prod-partner`],
    ['an ARN within an ARN', `arn:aws:x:${session('quern-prod-partner').slice(4)}`],
  ])('returns no consumer for an ARN of %s', (_what, arn) => {
    expect(nameOf(arn)).toBeNull()
  })

  it('uses role names that IAM accepts and that differ for every consumer and environment', () => {
    const names = ['x'.repeat(63), `${'x'.repeat(62)}y`, 'p'].map(name =>
      consumerRoleName('e'.repeat(20), name),
    )
    expect(names.filter(name => name.length > 64)).toEqual([])
    expect(new Set(names).size).toBe(3)
  })
})
