import { describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  approxDistinct,
  column,
  consumer,
  count,
  days,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  last,
  pick,
  streamSource,
  sum,
  viewSource,
} from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'

const person = entity({ name: 'person', joinKeys: { person: 'int64' } })
const columns = { person: 'int64', at: 'timestamp', email: 'string', age: 'int32', visits: 'int64' } as const
const people = fileSource({ name: 'people', path: 'people.csv', eventTimestamp: 'at', columns })
const profile = featureView({
  name: 'profile',
  entities: [person],
  source: people,
  features: { email: { type: 'string', pii: true, mask: 'hash' }, age: 'int32' },
})

/** Names of the marked features of a view, in a store with these definitions. */
const markedIn = (view: string, ...definitions: readonly unknown[]) =>
  compile([profile, ...definitions])
    .views[view]?.features.filter(({ pii }) => pii)
    .map(({ name, mask }) => `${name} ${mask}`)

describe('the mark pii', () => {
  it.each([
    [undefined, { email: 'string', age: 'int32' }, ['email null']],
    [
      'select person, event_timestamp, created_timestamp, lower(email) as mail, age from source',
      { mail: 'string', age: 'int32' },
      ['mail null'],
    ],
    [
      "select person, event_timestamp, created_timestamp, age from source where email like '%x%'",
      { age: 'int32' },
      ['age null'],
    ],
    ['select person, event_timestamp, created_timestamp, age from source', { age: 'int32' }, []],
  ] as const)('is inherited from another view through %s', (transformation, features, expected) => {
    const copy = featureView({
      name: 'copy',
      entities: [person],
      source: viewSource({ view: 'profile' }),
      ...(transformation === undefined ? {} : { transformation }),
      features,
    })
    expect(markedIn('copy@1', copy)).toEqual(expected)
  })

  it('is inherited through a chain of views, in any order of definition', () => {
    const through = (name: string, view: string) =>
      featureView({ name, entities: [person], source: viewSource({ view }), features: { email: 'string' } })
    expect(markedIn('third@1', through('third', 'second'), through('second', 'profile'))).toEqual([
      'email null',
    ])
  })

  it('is inherited by aggregations of a column that another view marks', () => {
    const seen = aggregateView({
      name: 'seen',
      entities: [person],
      source: people,
      eventId: ['visits'],
      aggregations: [
        count(),
        count('email'),
        approxDistinct('email'),
        last('email'),
        last('age'),
        sum('visits'),
      ],
      windows: [days(1)],
    })
    expect(markedIn('seen@1', seen)).toEqual(['last_email_1d null'])
  })

  it('is inherited by a count whose filter reads a marked column', () => {
    const of = aggregateView({
      name: 'of',
      entities: [person],
      source: people,
      eventId: ['visits'],
      aggregations: [count({ where: column('email', 'string').equals('a@x.org') })],
      windows: [days(1)],
    })
    expect(markedIn('of@1', of)).toEqual(['count_1d null'])
  })

  it('is inherited by a stream from the source of its history', () => {
    const logins = streamSource({
      name: 'logins',
      schema: { person: 'int64', address: 'string' },
      eventTimestamp: 'at',
      eventId: ['address'],
      history: { source: people, query: 'select person, at, email as address from source' },
    })
    const view = aggregateView({
      name: 'login',
      entities: [person],
      source: logins,
      aggregations: [last('address')],
      windows: [days(1)],
    })
    expect(markedIn('login@1', view)).toEqual(['last_address_1d null'])
  })

  it('of a source is inherited by all views over it', () => {
    const marked = fileSource({ ...people, name: 'marked', pii: ['age'] })
    const view = featureView({ name: 'v', entities: [person], source: marked, features: { age: 'int32' } })
    expect(markedIn('v@1', view)).toEqual(['age null'])
  })

  it('of a join key is inherited by views that read it as a feature', () => {
    const known = entity({ name: 'known', joinKeys: { phone: 'string' }, pii: ['phone'] })
    const calls = featureView({
      name: 'calls',
      entities: [known],
      source: people,
      transformation: 'select 1',
      features: { n: 'int64' },
    })
    const copy = featureView({
      name: 'copy',
      entities: [person],
      source: viewSource({ view: 'calls' }),
      transformation: 'select 1 as person, event_timestamp, created_timestamp, phone as p, n from source',
      features: { p: 'string', n: 'int64' },
    })
    expect(compile([calls]).views['calls@1']?.piiKeys).toEqual(['phone'])
    expect(markedIn('copy@1', calls, copy)).toEqual(['p null'])
  })

  it('can be cleared with a reason', () => {
    const copy = featureView({
      name: 'copy',
      entities: [person],
      source: viewSource({ view: 'profile' }),
      transformation: 'select person, event_timestamp, created_timestamp, length(email) as n from source',
      features: { n: { type: 'int64', cleared: 'a length tells of nobody' } },
    })
    expect(markedIn('copy@1', copy)).toEqual([])
    const feature = compile([profile, copy]).views['copy@1']?.features[0]
    expect(feature).toMatchObject({ pii: false, cleared: 'a length tells of nobody' })
  })

  it('masks an inheriting feature and features derived from it for consumers', () => {
    const copy = featureView({
      name: 'copy',
      entities: [person],
      source: viewSource({ view: 'profile' }),
      features: { email: 'string' },
    })
    const shout = derive({
      name: 'shout',
      inputs: [pick(copy, ['email'])],
      features: x => ({ is_long: x.email.isNull() }),
    })
    const service = featureService({ name: 'service', features: [copy, shout] })
    const reader = consumer({
      name: 'reader',
      principals: ['arn:aws:iam::123456789012:role/reader'],
      grants: [service],
    })
    const plan = compile([profile, service, reader])
    expect(plan.consumers['reader']?.grants).toEqual([
      { view: 'copy@1', features: [{ name: 'email', mask: 'null' }] },
    ])
  })

  it('does not change the semantic hash of a view', () => {
    const meaning = (pii: readonly string[]) =>
      compile([
        featureView({
          name: 'v',
          entities: [person],
          source: fileSource({ ...people, pii }),
          features: { age: 'int32' },
        }),
      ]).views['v@1']?.meaning
    expect(meaning(['age'])).toBe(meaning([]))
  })
})
