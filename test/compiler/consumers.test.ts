import { describe, expect, it } from '@jest/globals'
import { consumer, featureView, type Grant, pick, unmasked } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { identityOf } from '../../lib/plan/principal.ts'
import { airport, delay, observations, routeDelay, weather } from './example.ts'

const person = featureView({
  name: 'person',
  entities: [airport],
  source: observations,
  transformation: 'select 1',
  features: {
    age: { type: 'int32', pii: true },
    card: { type: 'string', pii: true, mask: 'last-four' },
    email: { type: 'string', pii: true, mask: 'hash' },
    visits: 'int64',
  },
})

const grantsOf = (...grants: readonly Grant[]) =>
  compile([
    consumer({ name: 'c', principals: ['arn:aws:iam::123456789012:role/c'], grants }),
    weather,
    routeDelay,
    person,
  ]).consumers['c']?.grants.map(({ view, features }) => [
    view,
    Object.fromEntries(features.map(({ name, mask }) => [name, mask])),
  ])

describe('a grant', () => {
  it('of a view contains all its features, with masks for pii', () => {
    expect(grantsOf(person)).toEqual([
      ['person@1', { age: 'null', card: 'last-four', email: 'hash', visits: null }],
    ])
  })

  it('of a pick contains its features, regardless of new names', () => {
    expect(grantsOf(pick(person, ['email'], { alias: 'other', rename: { email: 'address' } }))).toEqual([
      ['person@1', { email: 'hash' }],
    ])
  })

  it('of a service contains exactly the features of all its view references', () => {
    expect(grantsOf(delay)).toEqual([
      ['route_delay@1', { embedding: null, flights: null }],
      ['weather@1', { notes: 'null', temp: null }],
    ])
  })

  it('that is unmasked wins over masked grants, in any order', () => {
    const expected = [['person@1', { age: 'null', card: 'last-four', email: null, visits: null }]]
    expect(grantsOf(person, unmasked(pick(person, ['email'])))).toEqual(expected)
    expect(grantsOf(unmasked(pick(person, ['email'])), person)).toEqual(expected)
    expect(grantsOf(unmasked(delay))).toContainEqual(['weather@1', { notes: null, temp: null }])
  })
})

describe('consumers', () => {
  it('are part of the plan and its hash, regardless of order', () => {
    const [a, b] = ['a', 'b'].map(name =>
      consumer({ name, principals: [`arn:aws:iam::123456789012:role/${name}`], grants: [delay] }),
    )
    expect(compile([a, b])).toEqual(compile([b, a]))
    expect(compile([a]).hash).not.toBe(compile([delay]).hash)
    expect(Object.keys(compile([b, a]).consumers)).toEqual(['a', 'b'])
  })

  it('make the granted definitions part of the plan', () => {
    const reader = consumer({
      name: 'c',
      principals: ['arn:aws:iam::123456789012:role/c'],
      grants: [unmasked(delay), pick(person, ['visits'])],
    })
    const plan = compile([reader])
    expect(Object.keys(plan.services)).toEqual(['delay'])
    expect(Object.keys(plan.views)).toEqual(['person@1', 'route_delay@1', 'weather@1'])
  })
})

describe('the identity of a principal', () => {
  it.each([
    ['a role', 'arn:aws:iam::123456789012:role/r', 'arn:aws:iam::123456789012:role/r'],
    ['a role with a path', 'arn:aws:iam::123456789012:role/a/b/r', 'arn:aws:iam::123456789012:role/r'],
    ['a session', 'arn:aws:sts::123456789012:assumed-role/r/me@home', 'arn:aws:iam::123456789012:role/r'],
    [
      'a session in China',
      'arn:aws-cn:sts::123456789012:assumed-role/r/s',
      'arn:aws-cn:iam::123456789012:role/r',
    ],
    ['a user', 'arn:aws:iam::123456789012:user/a/r', 'arn:aws:iam::123456789012:user/a/r'],
    [
      'a federated user',
      'arn:aws:sts::123456789012:federated-user/r',
      'arn:aws:sts::123456789012:federated-user/r',
    ],
    ['the account', 'arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:root'],
  ])('is correct for %s', (_what, arn, identity) => {
    expect(identityOf(arn)).toBe(identity)
  })
})
