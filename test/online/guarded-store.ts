/** A store with consumers, in which few may see a person's card and address. */
import { consumer, entity, featureService, featureView, fileSource, pick, unmasked } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { viewOf } from '../../lib/plan/plan.ts'

const person = entity({ name: 'person', joinKeys: { person: 'string' } })
const source = fileSource({ name: 'people', path: 'people.parquet', eventTimestamp: 'at' })

const profile = featureView({
  name: 'profile',
  entities: [person],
  source,
  features: {
    age: { type: 'int64', pii: true },
    card: { type: 'string', pii: true, mask: 'last-four' },
    email: { type: 'string', pii: true, mask: 'hash' },
    visits: 'int64',
  },
})
const score = featureView({ name: 'score', entities: [person], source, features: { score: 'float64' } })
const approval = featureService({ name: 'approval', features: [profile, score] })

const ROLE = 'arn:aws:iam::123456789012:role'

export const guardedPlan = compile([
  approval,
  consumer({ name: 'scorer', principals: [`${ROLE}/models/scorer`], grants: [approval] }),
  consumer({ name: 'support', principals: [`${ROLE}/support`], grants: [unmasked(profile)] }),
  consumer({
    name: 'counter',
    principals: ['arn:aws:iam::123456789012:user/counter', `${ROLE}/counter`],
    grants: [pick(profile, ['visits'])],
  }),
])

export const profileView = viewOf(guardedPlan, 'profile@1')

/** The callers, as AWS names them. */
export const CALLERS = {
  scorer: 'arn:aws:sts::123456789012:assumed-role/scorer/session-1',
  support: 'arn:aws:sts::123456789012:assumed-role/support/someone@example.com',
  counter: 'arn:aws:iam::123456789012:user/counter',
  stranger: 'arn:aws:sts::123456789012:assumed-role/stranger/s',
  foreigner: 'arn:aws:sts::999999999999:assumed-role/scorer/s',
} as const
