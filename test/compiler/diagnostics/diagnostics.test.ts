import { describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  entity,
  featureView,
  fileSource,
  hours,
  milliseconds,
  minutes,
  pick,
} from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import { DIAGNOSTICS, diagnosticText as sentence } from '../../../lib/compiler/diagnostics/diagnostics.ts'
import { airport, all, flown, observations, route, routeDelay, weather } from '../example.ts'
import { AGGREGATES } from '../mistakes/aggregates.ts'
import { keyed, mistakesOf, service, upstream, view } from '../mistakes/broken.ts'
import { COLUMNS } from '../mistakes/columns.ts'
import { CONSUMERS } from '../mistakes/consumers.ts'
import { DERIVED } from '../mistakes/derived.ts'
import { ENVIRONMENTS } from '../mistakes/environments.ts'
import { FIELDS } from '../mistakes/fields.ts'
import { NAMES } from '../mistakes/names.ts'
import { OPTIONS } from '../mistakes/options.ts'
import { SERVICES } from '../mistakes/services.ts'

const rows = [
  ...NAMES,
  ...COLUMNS,
  ...SERVICES,
  ...FIELDS,
  ...CONSUMERS,
  ...AGGREGATES,
  ...DERIVED,
  ...OPTIONS,
]

describe('a diagnostic', () => {
  it.each(rows)('%s: %s', (code, _what, definitions, path, got) => {
    const found = mistakesOf(...definitions)
    expect(found).toEqual([expect.objectContaining({ code, path, got })])
  })

  it('has a test for each code', () => {
    // Only a lock retires a version, so lock.test.ts covers it.
    // Diagnostics of DAX belong to an environment, so check-dax.test.ts covers them.
    const codes = [...rows, ...ENVIRONMENTS].map(([code]) => code)
    const tested = new Set<string>([
      ...codes,
      'dax-unused',
      'dax-shows-more',
      'retired-version',
      // It depends on the accounts of environments, so aws-regions.test.ts covers it.
      'too-many-principals',
      'columns-undeclared',
    ])
    expect(Object.keys(DIAGNOSTICS).filter(code => !tested.has(code))).toEqual([])
  })

  it('is one of several if the columns of a transformation’s events are not declared', () => {
    const declared = aggregateView({
      name: 'seen',
      entities: [airport],
      source: observations,
      transformation: 'select airport, at from source',
      eventId: ['airport'],
      aggregations: [count()],
      windows: [hours(1)],
    })
    expect(mistakesOf(declared).map(({ code }) => code)).toEqual([
      'columns-undeclared',
      'join-key-missing',
      'unknown-name',
    ])
  })

  it('does not occur in the example', () => {
    expect(mistakesOf(...all)).toEqual([])
  })

  it('lists the known features and the one that was probably meant', () => {
    const [mistake] = mistakesOf(service({ ...pick(weather, ['temp']), features: ['tempp'] }))
    expect(mistake).toMatchObject({
      allowed: 'notes, temp',
      remedy: "did you mean 'temp'? Correct the name or define it",
    })
  })

  it('lists the known views', () => {
    const [mistake] = mistakesOf(upstream('mean', 'wether'), weather, routeDelay)
    expect(mistake).toMatchObject({
      allowed: 'mean, route_delay, weather',
      remedy: expect.stringContaining("'weather'"),
    })
  })

  it('lists the declared columns of the source', () => {
    const [mistake] = mistakesOf(view({ features: { tmp: { type: 'float64' } } }))
    expect(mistake?.allowed).toBe('airport, at, loaded_at, notes, temp')
  })

  it('is a sentence with path, code, value, allowed values and remedy', () => {
    const [mistake] = mistakesOf(view({ ttl: milliseconds(-1) }))
    expect(mistake && sentence(mistake)).toBe(
      'view weather@1 › ttl: -1 ms is not a positive duration [not-positive]; allowed: whole milliseconds from 1 to 100 years; use a duration such as hours(3), or leave it out',
    )
  })

  it('of a freshness shows the calculation', () => {
    const schedule = { every: minutes(60) }
    const [mistake] = mistakesOf(
      view({ schedule, maxStaleness: minutes(10), freshness: minutes(5), ttl: hours(3) }),
    )
    expect(mistake && sentence(mistake)).toBe(
      'view weather@1 › freshness: 5 min is fresher than the view can be [freshness-not-kept]; allowed: 75 min and more: 1 h between two runs + 5 min for a run + 10 min of maxStaleness; run it more often, allow less staleness, or allow an older answer',
    )
    expect(mistakesOf(view({ schedule, freshness: minutes(65) }))).toEqual([])
  })

  it('of a latency shows the calculation for views that are not cached', () => {
    const asked = { ...service(weather), latency: milliseconds(5) }
    expect(mistakesOf(asked)).toMatchObject([
      {
        allowed:
          '5.1 ms and more: 5 ms until DynamoDB answers + 1 × 0.1 ms, a key for each view that is read anew',
      },
    ])
    expect(mistakesOf({ ...asked, latency: milliseconds(6) })).toEqual([])
    expect(mistakesOf({ ...asked, features: [view({ maxStaleness: minutes(1) })] })).toEqual([])
  })

  it('of an item size shows the calculation if the view is online', () => {
    const features = Object.fromEntries('abcdefghijklm'.split('').map(name => [name, 'vector<8192>']))
    const wide = { features, transformation: 'select 1' }
    expect(mistakesOf(view(wide))).toMatchObject([
      {
        allowed: '409600 bytes, and 13 × vector<8192> at 4 bytes a number, with their names, are 425997',
      },
    ])
    expect(mistakesOf(view({ ...wide, online: false }))).toEqual([])
    const { m: _m, ...twelve } = features
    expect(mistakesOf(view({ ...wide, features: twelve }))).toEqual([])
  })

  it('comes only from the compiler: the definition functions accept anything from plain JavaScript', () => {
    const plain: Record<string, CallableFunction> = { featureView, pick }
    const broken = plain['featureView']?.({ name: 'v', entities: [route], source: flown })
    const picked = plain['pick']?.(undefined, ['a'])
    expect(mistakesOf(broken, service(picked)).map(mistake => mistake.code)).toEqual([
      'no-features',
      'wrong-kind',
    ])
  })
})

describe('several diagnostics', () => {
  const definitions = [
    entity({ name: 'Bad', joinKeys: { ratio: 'float32' } }),
    fileSource({ name: 'files', path: 'a.doc', eventTimestamp: '' }),
    view({
      name: 'v',
      ttl: milliseconds(0),
      version: 0,
      schedule: { cron: '* *' },
      transformation: 'delete',
    }),
    service({ ...pick(weather, ['temp']), features: ['nothing', 'temp', 'temp'], alias: 'A' }),
  ]

  it('are all reported at once', () => {
    expect(mistakesOf(...definitions).map(mistake => mistake.code)).toEqual([
      'bad-name',
      'join-key-type',
      'wrong-kind',
      'bad-format',
      'bad-version',
      'bad-transformation',
      'not-positive',
      'bad-schedule',
      'bad-name',
      'unknown-name',
      'feature-claimed-twice',
    ])
  })

  it('are counted and listed in the message', () => {
    expect(() => compile(definitions)).toThrow(/^the definitions have 11 mistakes:\n {2}- entity Bad: /)
    expect(() => compile([keyed({})])).toThrow(/^the definitions have one mistake:\n/)
  })
})
