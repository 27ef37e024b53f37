import { describe, expect, it } from '@jest/globals'
import { requestDecoder } from '../../../lib/online/serving/request.ts'
import { MAX_BODY_BYTES, RequestError } from '../../../lib/online/serving/request-error.ts'
import { plan } from '../plans.ts'

const decoder = requestDecoder(plan)
const decode = (body: string) => decoder(body, 0)
const now = { feature_service: 'now' }
const delay = { feature_service: 'delay' }
const rows = (count: number) => Array.from({ length: count }, (_, i) => `A${i}`)

describe('a request', () => {
  it('reads the items of each view reference in turn, one per row', () => {
    const entities = { origin: ['EWR', 'JFK'], dest: ['LAX', 'EWR'], number: [1, '9007199254740993'] }
    const request = decode(JSON.stringify({ ...delay, entities }))
    expect(request.keys.map(({ pk }) => pk)).toStrictEqual([
      'weather@1|EWR',
      'weather@1|JFK',
      'weather@1|LAX',
      'weather@1|EWR',
      'route@1|LAX|1|EWR',
      'route@1|EWR|9007199254740993|JFK',
    ])
    expect(request).toMatchObject({ rows: 2, fullFeatureNames: false })
  })

  it('keeps all digits of a number', () => {
    const body = `{"feature_service":"delay","entities":{"origin":["A"],"dest":["B"],"number":[9007199254740993]}}`
    expect(decode(body).columns[1]).toStrictEqual([9_007_199_254_740_993n])
  })

  it('can list features instead of a service', () => {
    const request = decode(JSON.stringify({ features: ['weather:temp'], entities: { airport: ['EWR'] } }))
    expect(request.service.uses).toMatchObject([{ view: 'weather@1', features: [{ attribute: 'temp' }] }])
  })

  it('with a duplicate feature returns it once', () => {
    const features = ['weather:temp', 'weather:temp']
    const request = decode(JSON.stringify({ features, entities: { airport: ['EWR'] } }))
    expect(request.service.names).toEqual(['temp'])
  })

  it('can have no entities', () => {
    expect(decode(JSON.stringify({ ...now, entities: { airport: [] } }))).toMatchObject({ rows: 0, keys: [] })
  })

  it('prepares each service once', () => {
    const body = JSON.stringify({ ...now, entities: { airport: ['EWR'] } })
    expect(decode(body).service).toBe(decode(body).service)
  })

  it.each([
    ['no attribute, where all are wanted', { ...now, entities: { airport: rows(1_000) } }, undefined],
    [
      'no attributes if naming them is larger than the rest of the item',
      { features: ['weather:temp'], entities: { airport: rows(4) } },
      undefined,
    ],
    [
      'the needed attributes if the others are larger',
      { features: ['weather:temp'], entities: { airport: rows(5) } },
      ['pk', 'sk', 'event_timestamp', 'temp'],
    ],
  ])('sends %s', (_name, body, attributes) => {
    expect(decode(JSON.stringify(body)).attributes).toStrictEqual(attributes)
  })

  it('can ask for 10,000 keys', () => {
    expect(decode(JSON.stringify({ ...now, entities: { airport: rows(10_000) } })).keys).toHaveLength(10_000)
  })

  it('ignores unknown fields, as Feast does', () => {
    expect(decode(JSON.stringify({ ...now, features: null, extra: 1, entities: { airport: [] } })).rows).toBe(
      0,
    )
  })
})

describe('an invalid request', () => {
  it.each([
    ['no JSON', '{', 'not-json', 'the body is not JSON'],
    ['a list nested beyond reason', '['.repeat(200_000), 'not-json', 'the body is not JSON'],
    ['no object', '[]', 'bad-field', 'got a list; allowed: an object'],
    ['neither selection', {}, 'no-selection', 'neither feature_service nor features'],
    ['both selections', { ...now, features: ['weather:temp'] }, 'two-selections', 'keep one'],
    ['an unknown service', { feature_service: 'noww' }, 'unknown-service', 'did you mean now?'],
    [
      'a name from the prototype',
      { feature_service: 'constructor' },
      'unknown-service',
      'allowed: delay, now, hidden',
    ],
    ['a service that is a number', { feature_service: 7 }, 'bad-field', 'got a whole number'],
    ['an unknown feature', { features: ['weather:tmp'] }, 'unknown-feature', 'did you mean weather:temp?'],
    [
      'features that are a text',
      { features: 'weather:temp' },
      'bad-field',
      'features has the wrong form; got a string',
    ],
    ['no features', { features: [] }, 'bad-field', 'features has the wrong form; got a list'],
    [
      'a view that is not online',
      { feature_service: 'hidden' },
      'not-online',
      'secret:code is not served online',
    ],
    ['no entities', now, 'bad-field', 'entities has the wrong form; got null'],
    [
      'entities as rows',
      { ...now, entities: [{ airport: 'A' }] },
      'bad-field',
      'entities has the wrong form; got a list',
    ],
    ['a missing join key', { ...now, entities: {} }, 'missing-join-key', 'entities.airport is missing'],
    [
      'a misspelt join key',
      { ...now, entities: { airprt: [] } },
      'unknown-join-key',
      'did you mean airport?',
    ],
    [
      'a join key without a list',
      { ...now, entities: { airport: 'A' } },
      'bad-field',
      'entities.airport has the wrong form',
    ],
    [
      'a null',
      { ...now, entities: { airport: ['A', null] } },
      'null-join-key',
      'entities.airport[1] is null',
    ],
    [
      'a number for a string',
      { ...now, entities: { airport: [7] } },
      'bad-join-key',
      'entities.airport[0] is not of the type of its join key; got a whole number; allowed: a string',
    ],
    [
      'half a character',
      { ...now, entities: { airport: ['\ud800'] } },
      'bad-join-key',
      'got a string that is not well-formed Unicode',
    ],
    [
      'a fraction for an int64',
      { ...delay, entities: { origin: ['A'], dest: ['A'], number: [1.5] } },
      'bad-join-key',
      'got a fraction',
    ],
    [
      'unequal columns',
      { ...delay, entities: { origin: ['A'], dest: ['A', 'B'], number: [1] } },
      'unequal-columns',
      'entities.number is not as long as the other columns; got 1; allowed: 2',
    ],
    [
      'too many features',
      { features: new Array(5_001).fill('weather:temp'), entities: {} },
      'too-many-features',
      'got 5001',
    ],
    ['too many keys', { ...now, entities: { airport: rows(10_001) } }, 'too-many-keys', 'got 10001'],
    [
      'too many keys by views',
      { ...delay, entities: { origin: rows(3334), dest: rows(3334), number: rows(3334) } },
      'too-many-keys',
      'got 10002',
    ],
    [
      'a key too long',
      { ...now, entities: { airport: ['x'.repeat(3000)] } },
      'key-too-long',
      'got 3010 bytes for weather@1',
    ],
    ['a body too large', ' '.repeat(MAX_BODY_BYTES + 1), 'body-too-large', 'ask for fewer'],
    [
      'a flag that is a text',
      { ...now, entities: { airport: [] }, full_feature_names: 'yes' },
      'bad-field',
      'full_feature_names',
    ],
  ] as const)('is refused for %s', (_name, body, code, message) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    expect(() => decode(text)).toThrow(RequestError)
    expect(() => decode(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
