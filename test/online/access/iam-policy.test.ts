import { describe, expect, it } from '@jest/globals'
import { consumer, entity, type FeatureView, featureView, fileSource, pick } from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import { MAX_POLICY_CHARACTERS, policiesOf } from '../../../lib/online/access/iam-policy.ts'
import { guardedPlan } from '../guarded-store.ts'

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/online'
const policies = (name: string, plan = guardedPlan) => {
  const found = plan.consumers[name]
  if (found === undefined) throw new Error(`no consumer ${name}`)
  return policiesOf(plan, found, TABLE)
}

const thing = entity({ name: 'thing', joinKeys: { thing: 'string' } })
const source = fileSource({ name: 'source', path: 'a.parquet', eventTimestamp: 'at' })
const wide = (name: string, count: number, more = {}): FeatureView =>
  featureView({
    name,
    entities: [thing],
    source,
    features: Object.fromEntries(Array.from({ length: count }, (_, i) => [`feature_number_${i}`, 'int64'])),
    ...more,
  })
const reader = (...grants: readonly FeatureView[]) =>
  compile([consumer({ name: 'reader', principals: ['arn:aws:iam::123456789012:role/reader'], grants })])

describe('policiesOf', () => {
  it('returns one statement per view, with the features that the consumer sees unmasked', () => {
    expect(policies('scorer')).toEqual([
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
            Resource: TABLE,
            Condition: {
              'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['profile@1|*'] },
              'ForAllValues:StringEquals': {
                'dynamodb:Attributes': [
                  'pk',
                  'sk',
                  'event_timestamp',
                  'created_timestamp',
                  'expires_at',
                  'visits',
                ],
              },
              StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
              Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
            },
          },
          expect.objectContaining({ Resource: TABLE }),
        ],
      },
    ])
  })

  it('includes PII features if the grant unmasks them', () => {
    const [statement] = policies('support')[0]?.Statement ?? []
    const attributes = statement?.Condition['ForAllValues:StringEquals']?.['dynamodb:Attributes']
    expect(attributes).toEqual(expect.arrayContaining(['age', 'card', 'email', 'visits']))
  })

  it('returns no policies if the consumer sees nothing unmasked, or nothing online', () => {
    const features = { email: { type: 'string', pii: true } } as const
    const personal = featureView({ name: 'personal', entities: [thing], source, features })
    const plan = compile([
      consumer({
        name: 'reader',
        principals: ['arn:aws:iam::123456789012:role/reader'],
        grants: [pick(personal, ['email']), wide('offline', 2, { online: false })],
      }),
    ])
    expect(policies('reader', plan)).toEqual([])
  })

  it('returns several policies if one would be too large, without splitting a view', () => {
    const views = Array.from({ length: 9 }, (_, i) => wide(`view_${i}`, 80))
    const found = policies('reader', reader(...views))
    expect(found.length).toBeGreaterThan(1)
    for (const policy of found)
      expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS)
    const keys = found.flatMap(({ Statement }) =>
      Statement.map(({ Condition }) => Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']),
    )
    expect(keys).toEqual(views.map(({ name }) => [`${name}@1|*`]))
  })

  it('throws if the grants for one view do not fit into a policy', () => {
    expect(() => policies('reader', reader(wide('huge', 400)))).toThrow(
      /^the grant of huge@1 to consumer reader makes an IAM policy of \d{4,5} characters; IAM allows 6144: grant fewer/,
    )
  })
})
