/** cdk-nag's rules for AWS solutions: what they find has its reason in nag-exceptions.ts, or is mended. */
import { describe, expect, it } from '@jest/globals'
import { AwsSolutionsChecks } from 'cdk-nag'
import { EXCEPTIONS } from './nag-exceptions.ts'
import { FULL, SHOP } from './stores.ts'
import { plan, synthesize } from './synthesis.ts'

interface Finding {
  readonly rule: string
  readonly at: string
}

function findings({ app }: ReturnType<typeof synthesize>): readonly Finding[] {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app)
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(resource => ({ rule: ruleName, at: JSON.stringify(resource) })),
  )
}

const stores = {
  'with all that there is': findings(synthesize(FULL, SHOP)),
  'for trials': findings(synthesize({ removal: 'destroy', canary: 'all-at-once' }, plan)),
}

describe('what cdk-nag finds', () => {
  it.each(Object.entries(stores))('in a store %s has a reason', (_what, found) => {
    const unexplained = found.filter(
      ({ rule, at }) => !EXCEPTIONS.some(exception => exception.rule.test(rule) && exception.at.test(at)),
    )
    expect(unexplained).toEqual([])
  })

  it.each(EXCEPTIONS.map(({ rule, why }, i) => [rule.source, why, i] as const))(
    'is %s: %s',
    (_rule, _why, i) => {
      const all = Object.values(stores).flat()
      const found = all.filter(({ rule, at }) => EXCEPTIONS[i]?.rule.test(rule) && EXCEPTIONS[i]?.at.test(at))
      expect(found).not.toEqual([])
    },
  )
})
