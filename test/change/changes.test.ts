import { describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  column,
  count,
  derive,
  type Expr,
  type FeatureView,
  type Float64Expr,
  featureView,
  hours,
  milliseconds,
  minutes,
  pick,
  streamSource,
  unmasked,
  viewSource,
} from 'quern'
import { type Change, classOf, describeChange } from '../../lib/change/change.ts'
import { CHANGES, type ChangeCode } from '../../lib/change/change-table.ts'
import { changesBetween, changesOf } from '../../lib/change/changes.ts'
import { deprecate, restore, retire } from '../../lib/change/lifecycle.ts'
import { type Lock, lockOf } from '../../lib/change/lock.ts'
import { lockedAs, planOf, ROLE, type StoreChange } from '../compiler/changing-store.ts'

const of = (was: StoreChange, is: StoreChange): readonly Change[] => changesOf(lockedAs(was), planOf(is))

const temp = { type: 'float64' } as const
const wind = { type: 'string', pii: true, mask: 'null' } as const
const features = (more: object): StoreChange => ({ weather: { features: { temp, wind, ...more } } })
const only = (weather: FeatureView): readonly object[] => [pick(weather, ['temp'])]
const next = (version: number) => (weather: FeatureView) => [{ ...weather, version }]
const narrow: StoreChange = {
  weather: { features: { temp } },
  service: weather => ({ features: only(weather) }),
  reader: weather => ({ grants: only(weather) }),
}
const served = (features: (weather: FeatureView) => readonly unknown[]): StoreChange => ({
  service: weather => ({ features: features(weather) }),
})
const granted = (grants: (weather: FeatureView) => readonly unknown[]): StoreChange => ({
  reader: weather => ({ grants: grants(weather) }),
})
/** The service with a derived feature in addition. */
const warmth = <R extends Readonly<Record<string, 'float64'>>>(
  request: R,
  over: (x: Readonly<Record<'temp' | keyof R, Float64Expr>>) => Expr,
): StoreChange =>
  served(weather => [
    pick(weather, ['temp', 'wind']),
    // The type of the view here does not contain this feature.
    derive({ name: 'warmth', inputs: [weather], request, features: x => ({ over: over(x as never) }) }),
  ])
/** The view, and a view over the events of a stream. */
const taps = (taken: Readonly<Record<string, 'int32'>>): StoreChange => ({
  more: ({ entities }) => [
    featureView({
      name: 'taps',
      entities,
      source: streamSource({
        name: 'taps',
        eventTimestamp: 'at',
        schema: { airport: 'string', n: 'int32', price: 'int32' },
        eventId: ['n'],
      }),
      features: taken,
    }),
  ],
})
/** The view, and an aggregate view over the same source. */
const seen = (change: object): StoreChange => ({
  more: ({ entities, source }) => [
    aggregateView({
      name: 'seen',
      entities,
      source,
      columns: { airport: 'string', raw: 'string' },
      eventId: ['raw'],
      aggregations: [count()],
      windows: [hours(1)],
      ...change,
    }),
  ],
})
const as = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const other = (weather: FeatureView): FeatureView => ({ ...weather, name: 'other' }) as FeatureView

type Row = readonly [ChangeCode, what: string, was: StoreChange, is: StoreChange, at: string]

const ROWS: readonly Row[] = [
  ['view-added', 'another view', {}, { more: weather => [other(weather)] }, 'view other@1'],
  ['version-added', 'a next version', {}, { more: next(2) }, 'view weather@2'],
  ['view-removed', 'a version less', { more: next(2) }, {}, 'view weather@2'],
  ['feature-added', 'a feature more', {}, features({ gust: 'float64' }), 'view weather@1 › feature gust'],
  [
    'event-feature-added',
    'a feature more of events',
    taps({ n: 'int32' }),
    taps({ n: 'int32', price: 'int32' }),
    'view taps@1 › feature price',
  ],
  ['feature-removed', 'a feature less', {}, narrow, 'view weather@1 › feature wind'],
  ['feature-retyped', 'another type', {}, features({ temp: 'int64' }), 'view weather@1 › feature temp'],
  [
    'feature-hidden',
    'personal data',
    {},
    features({ temp: { ...temp, pii: true } }),
    'view weather@1 › feature temp',
  ],
  [
    'feature-hidden',
    'another mask',
    {},
    features({ wind: { ...wind, mask: 'hash' } }),
    'view weather@1 › feature wind',
  ],
  ['feature-shown', 'no personal data', {}, features({ wind: 'string' }), 'view weather@1 › feature wind'],
  ['keys-changed', 'a key of another type', {}, { joinKeys: { airport: 'int64' } }, 'view weather@1'],
  [
    'transformation-changed',
    'another filter',
    {},
    { weather: { transformation: 'select airport, happened, temp, wind from source where temp > 0' } },
    'view weather@1 › transformation',
  ],
  [
    'transformation-grown',
    'a column more',
    {},
    {
      weather: {
        transformation: 'select airport, happened, temp, wind, gust from source',
        features: { temp, wind, gust: 'float64' },
      },
    },
    'view weather@1 › transformation',
  ],
  ['aggregates-changed', 'another tile', seen({}), seen({ tile: minutes(1) }), 'view seen@1 › aggregations'],
  ['source-changed', 'another file', {}, { source: { path: 'others.csv' } }, 'view weather@1 › source'],
  [
    'source-changed',
    'a type for a column that is read',
    {},
    { source: { columns: { raw: 'string', temp: 'int32' } } },
    'view weather@1 › source',
  ],
  [
    'source-widened',
    'a type for a column that is not read',
    {},
    { source: { columns: { raw: 'string', extra: 'int32' } } },
    'view weather@1 › source',
  ],
  [
    'times-changed',
    'another time',
    {},
    { weather: { eventTimestamp: 'seen' } },
    'view weather@1 › eventTimestamp',
  ],
  [
    'upstream-changed',
    'a view over one that has got a feature',
    { above: true },
    { above: true, ...features({ gust: 'float64' }) },
    'view above@1',
  ],
  ['ttl-longer', 'a longer ttl', {}, { weather: { ttl: hours(4) } }, 'view weather@1 › ttl'],
  ['ttl-longer', 'no ttl', {}, { weather: { ttl: undefined } }, 'view weather@1 › ttl'],
  ['ttl-shorter', 'a shorter ttl', {}, { weather: { ttl: hours(2) } }, 'view weather@1 › ttl'],
  ['ttl-shorter', 'a ttl where none was', { weather: { ttl: undefined } }, {}, 'view weather@1 › ttl'],
  [
    'staleness-longer',
    'older answers',
    {},
    { weather: { maxStaleness: minutes(2) } },
    'view weather@1 › maxStaleness',
  ],
  [
    'staleness-shorter',
    'fresh answers',
    {},
    { weather: { maxStaleness: undefined } },
    'view weather@1 › maxStaleness',
  ],
  ['online-on', 'online', { weather: { online: false } }, {}, 'view weather@1'],
  ['online-off', 'not online', {}, { weather: { online: false } }, 'view weather@1'],
  [
    'schedule-changed',
    'a schedule',
    {},
    { weather: { schedule: { every: hours(1) } } },
    'view weather@1 › schedule',
  ],
  [
    'budget-changed',
    'another freshness',
    { weather: { schedule: { every: hours(1) } } },
    { weather: { schedule: { every: hours(1) }, freshness: hours(2) } },
    'view weather@1 › freshness',
  ],
  [
    'budget-changed',
    'a cost of a view',
    { weather: { monthlyCost: 5 } },
    { weather: { monthlyCost: 6 } },
    'view weather@1 › monthlyCost',
  ],
  [
    'budget-changed',
    'a latency',
    {},
    { service: () => ({ latency: milliseconds(20) }) },
    'service delay › latency',
  ],
  [
    'budget-changed',
    'a cost of a service',
    { service: () => ({ monthlyCost: 5 }) },
    {},
    'service delay › monthlyCost',
  ],
  ['owner-changed', 'another owner', {}, { weather: { owner: 'bob' } }, 'view weather@1 › owner'],
  [
    'approvers-changed',
    'approvers',
    {},
    { weather: { approvers: ['bob@example.com'] } },
    'view weather@1 › approvers',
  ],
  ['about-changed', 'a description', {}, { weather: { description: 'of airports' } }, 'view weather@1'],
  ['service-added', 'a service', { service: null }, {}, 'service delay'],
  ['service-removed', 'no service', {}, { service: null }, 'service delay'],
  ['service-feature-added', 'more of it', served(only), {}, 'service delay › feature weather__wind'],
  ['service-feature-removed', 'less of it', {}, served(only), 'service delay › feature weather__wind'],
  [
    'service-feature-retyped',
    'another type in it',
    {},
    served(weather => [
      { ...pick(weather, ['temp']), rename: { temp: 'wind' } },
      { ...pick(weather, ['wind']), rename: { wind: 'temp' } },
    ]),
    'service delay › feature weather__temp',
  ],
  [
    'service-feature-moved',
    'the next version in it',
    {},
    served(weather => [pick({ ...weather, version: 2 } as FeatureView, ['temp', 'wind'])]),
    'service delay › feature weather__temp',
  ],
  [
    'service-column-renamed',
    'a newcomer of the same name',
    served(only),
    served(weather => [pick(weather, ['temp']), pick(other(weather), ['temp'])]),
    'service delay › feature weather__temp',
  ],
  [
    'service-role-changed',
    'another key',
    served(weather => [weather, pick(weather, ['temp'], { alias: 'a', joinKeys: { airport: 'dest' } })]),
    served(weather => [weather, pick(weather, ['temp'], { alias: 'a' })]),
    'service delay › feature a__temp',
  ],
  [
    'service-keys-changed',
    'other keys',
    {},
    served(weather => [{ ...pick(weather, ['temp', 'wind']), joinKeys: { airport: 'dest' } }]),
    'service delay',
  ],
  [
    'service-request-changed',
    'a request value more',
    warmth({ limit: 'float64' }, x => x.temp.minus(x.limit)),
    warmth({ limit: 'float64', offset: 'float64' }, x => x.temp.minus(x.limit).plus(x.offset)),
    'service delay',
  ],
  [
    'derived-changed',
    'another expression',
    warmth({ limit: 'float64' }, x => x.temp.minus(x.limit)),
    warmth({ limit: 'float64' }, x => x.temp.plus(x.limit)),
    'service delay › feature warmth__over',
  ],
  [
    'service-feature-added',
    'a derived feature',
    {},
    warmth({ limit: 'float64' }, x => x.temp.plus(x.limit)),
    'service delay › feature warmth__over',
  ],
  [
    'service-feature-removed',
    'a derived feature less',
    warmth({ limit: 'float64' }, x => x.temp.plus(x.limit)),
    {},
    'service delay › feature warmth__over',
  ],
  [
    'service-feature-retyped',
    'a derived feature of another type',
    warmth({ limit: 'float64' }, x => x.temp.plus(x.limit)),
    warmth({ limit: 'float64' }, x => x.temp.plus(x.limit).toInt()),
    'service delay › feature warmth__over',
  ],
  [
    'spine-changed',
    'a spine',
    {},
    { service: weather => ({ spine: { source: weather.source, query: 'select 1 as airport from source' } }) },
    'service delay › spine',
  ],
  ['consumer-added', 'a consumer more', {}, { more: weather => [another(weather)] }, 'consumer another'],
  ['store-closed', 'the first consumer', { reader: null }, {}, 'consumer reader'],
  ['consumer-removed', 'no consumer', {}, { reader: null }, 'consumer reader'],
  ['grant-added', 'a grant', granted(only), {}, 'consumer reader › weather@1:wind'],
  ['grant-removed', 'no grant', {}, granted(only), 'consumer reader › weather@1:wind'],
  ['grant-masked', 'masked', granted(weather => [unmasked(weather)]), {}, 'consumer reader › weather@1:wind'],
  [
    'grant-unmasked',
    'as it is',
    {},
    granted(weather => [unmasked(weather)]),
    'consumer reader › weather@1:wind',
  ],
  [
    'push-granted',
    'a view to push',
    {},
    { reader: weather => ({ pushes: [weather] }) },
    'consumer reader › pushes',
  ],
  [
    'push-removed',
    'a view less to push',
    { reader: weather => ({ pushes: [weather] }) },
    {},
    'consumer reader › pushes',
  ],
  ['principal-added', 'a role', {}, { reader: () => ({ principals: [ROLE, as('b')] }) }, 'consumer reader'],
  [
    'principal-removed',
    'a role less',
    { reader: () => ({ principals: [ROLE, as('b')] }) },
    {},
    'consumer reader',
  ],
]

const another = (weather: FeatureView) => ({
  kind: 'consumer',
  name: 'another',
  principals: [as('another')],
  grants: [weather],
})

const placeOf = ({ of: { kind, name }, at }: Change): string =>
  `${kind} ${name}${at === '' ? '' : ` › ${at}`}`

describe('a change', () => {
  it.each(ROWS)('%s: %s', (code, _what, was, is, at) => {
    expect(of(was, is).map(change => [change.code, placeOf(change)])).toContainEqual([code, at])
  })

  it('is not reported for a derived feature if only the generated names of its inputs change', () => {
    const own = (weather: FeatureView) =>
      derive({ name: 'own', inputs: [weather], features: () => ({ cold: column('temp', 'float64') }) })
    const first = (weather: FeatureView) =>
      derive({ name: 'first', inputs: [weather], features: () => ({ blown: column('wind', 'string') }) })
    const found = of(
      served(weather => [pick(weather, ['temp']), own(weather)]),
      served(weather => [first(weather), own(weather)]),
    )
    expect(found.map(change => [change.code, placeOf(change)])).toEqual([
      ['service-feature-removed', 'service delay › feature weather__temp'],
      ['service-feature-added', 'service delay › feature first__blown'],
      ['about-changed', 'service delay'],
    ])
  })

  it('of a view names services that read it only for derived features', () => {
    const cold = served(weather => [
      derive({ name: 'own', inputs: [weather], features: () => ({ cold: column('temp', 'float64') }) }),
    ])
    const found = of(cold, { ...cold, weather: { transformation: 'select 1' } })
    expect(found.find(({ code }) => code === 'transformation-changed')?.for).toContain('service delay')
  })

  it('is not reported if nothing has changed', () => {
    expect(of({ above: true }, { above: true })).toEqual([])
  })

  it('is reported for every definition if there was no lock', () => {
    const codes = changesOf(null, planOf()).map(({ code }) => code)
    expect(codes).toEqual(['view-added', 'service-added', 'consumer-added'])
  })

  it('has a test for each code', () => {
    const tested = new Set<string>([
      ...ROWS.map(([code]) => code),
      'view-deprecated',
      'view-retired',
      'view-restored',
    ])
    expect(Object.keys(CHANGES).filter(code => !tested.has(code))).toEqual([])
  })

  it('names the users of the changed definition', () => {
    const [removed] = of({ above: true }, { above: true, ...narrow }).filter(
      ({ code }) => code === 'feature-removed',
    )
    expect(removed?.for).toEqual(['consumer reader', 'service delay', 'view above@1'])
    const moved = of({ above: true }, { above: true, source: { path: 'others.csv' } })
    expect(moved.find(({ code }) => code === 'source-changed')?.for).toContain('view above@1')
  })

  it('of SQL shows both texts', () => {
    const [change] = of(
      {},
      { weather: { transformation: 'select airport, happened, temp, wind\nfrom source where temp > 0' } },
    )
    expect(change?.diff).toEqual([
      '- select airport, happened, temp, wind from source',
      '+ select airport, happened, temp, wind',
      '+ from source where temp > 0',
    ])
  })

  it('is a sentence with path, values, code, affected users and remedy', () => {
    const [change] = of({}, { weather: { ttl: hours(2) } })
    expect(change && describeChange(change)).toBe(
      'view weather@1 › ttl: is shorter: values would be missing that were there (3 h → 2 h) [ttl-shorter]; it breaks consumer reader, service delay; keep it as it was, and make the change in the view’s next version, which lives beside this one',
    )
  })

  it('of the newest version also changes the views that read the newest version', () => {
    const newest = (weather: FeatureView) => [
      featureView({
        name: 'over',
        entities: weather.entities,
        source: viewSource({ view: 'weather' }),
        features: { temp: 'float64' },
      }),
    ]
    const changes = of({ more: newest }, { more: weather => [...newest(weather), ...next(2)(weather)] })
    expect(changes.map(change => [change.code, placeOf(change)])).toEqual([
      ['source-changed', 'view over@1 › source'],
      ['version-added', 'view weather@2'],
    ])
  })
})

describe('the lifecycle of a version', () => {
  const unread: StoreChange = { more: next(2) }
  const since = '2026-01-01'
  const lives = (was: Lock, is: Lock) =>
    changesBetween(was, is, new Set(['weather@1'])).map(change => [change.code, placeOf(change)])

  it('is reported as changes', () => {
    const lock = lockedAs(unread)
    const deprecated = deprecate(lock, 'weather@2', { since, until: '2026-02-01', message: '' })
    const retired = retire(deprecated, 'weather@2', { plan: planOf(), on: since })
    expect(
      changesBetween(lock, deprecated, new Set(['weather@1', 'weather@2'])).map(({ code, is }) => [code, is]),
    ).toEqual([['view-deprecated', 'until 2026-02-01']])
    expect(lives(deprecated, retired)).toEqual([['view-retired', 'view weather@2']])
    expect(lives(retired, restore(retired, 'weather@2'))).toEqual([
      ['view-restored', 'view weather@2'],
      ['view-removed', 'view weather@2'],
    ])
  })

  it('stays in the lock after the version is removed from the definitions', () => {
    const retired = retire(lockedAs(unread), 'weather@2', { plan: planOf(), on: since })
    expect(changesOf(retired, planOf({}, retired)).filter(({ of: { kind } }) => kind === 'view')).toEqual([])
    expect(lockOf(planOf({}, retired), retired).views['weather@2']).toEqual(retired.views['weather@2'])
  })
})

describe('the class of changes', () => {
  it.each([
    ['none', {}],
    ['compatible', { weather: { owner: 'bob' } }],
    ['breaking', { weather: { owner: 'bob' }, ...served(only) }],
    ['refused', { weather: { ttl: hours(1) }, ...served(only) }],
  ] as const)('is the most severe one: %s', (expected, is) => {
    expect(classOf(of({}, is))).toBe(expected)
  })
})
