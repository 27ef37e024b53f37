import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  hours,
  minutes,
  seconds,
  viewSource,
} from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { anyStore, reordered, shuffled } from './any-store.ts'

/** A failure prints its seed and the smallest failing store. */
const SEEDED = { seed: 20_130_101, numRuns: 200 }

/** A random number generator with a seed, so that fast-check can shrink the order. */
const numbers = (seed: number) => (i: number) => Math.imul(seed ^ (i + 1), 2_654_435_761) >>> 0

describe('the hash of a plan', () => {
  it('does not depend on the order of definitions and properties, except features', () => {
    fc.assert(
      fc.property(anyStore, fc.integer(), fc.integer(), (store, order, properties) => {
        const plan = compile(Object.values(store))
        const other = compile(shuffled(Object.values(reordered(store, numbers(properties))), numbers(order)))
        expect(other.hash).toBe(plan.hash)
        expect(JSON.stringify(other)).toBe(JSON.stringify(plan))
      }),
      SEEDED,
    )
  })

  it('does not depend on the indentation of a transformation', () => {
    fc.assert(
      fc.property(anyStore, fc.integer({ min: 0, max: 12 }), ({ view, ...store }, spaces) => {
        const indented = (n: number) => ['', 'select *', '  from source', ''].join(`\n${' '.repeat(n)}`)
        const hash = (n: number) => compile([{ ...view, transformation: indented(n) }, store.thing]).hash
        expect(hash(spaces)).toBe(hash(0))
      }),
      SEEDED,
    )
  })

  it('changes with the order of features in a view that a service lists as a whole', () => {
    const hash = (...names: readonly string[]) => {
      const features = Object.fromEntries(names.map(name => [name, 'int64' as const]))
      const source = fileSource({ name: 'source', path: 'a.csv', eventTimestamp: 'at' })
      const thing = entity({ name: 'thing', joinKeys: { id: 'int64' } })
      const view = featureView({ name: 'view', entities: [thing], source, features })
      return compile([featureService({ name: 'service', features: [view] })]).hash
    }
    expect(hash('a', 'b')).not.toBe(hash('b', 'a'))
  })

  it('does not change if CSV options repeat the defaults', () => {
    const hash = (options: object) =>
      compile([fileSource({ name: 'source', path: 'a.csv', eventTimestamp: 'at', ...options })]).hash
    expect(hash({ csv: { delimiter: ',', nulls: [] } })).toBe(hash({}))
    expect(hash({ csv: { delimiter: ';' } })).not.toBe(hash({}))
  })

  it('changes with the order of a pick', () => {
    fc.assert(
      fc.property(anyStore, store => {
        const [whole, other] = store.service.features
        const hash = (...features: readonly unknown[]) => compile([{ ...store.service, features }]).hash
        expect(hash(whole, other)).not.toBe(hash(other, whole))
      }),
      SEEDED,
    )
  })
})

type Store = { readonly view: FeatureView }
type Change = (store: Store) => FeatureView

const sourceOf =
  (change: object): Change =>
  ({ view }) => ({
    ...view,
    source: {
      ...fileSource({ name: 'source', path: 'a.csv', eventTimestamp: 'at', columns: { at: 'timestamp' } }),
      ...change,
    },
  })
const first = ({ view }: Store) => Object.entries(view.features)[0] ?? ['', { type: 'bool' as const }]
const featureOf =
  (change: object): Change =>
  store => {
    const [name, feature] = first(store)
    return { ...store.view, features: { ...store.view.features, [name]: { ...feature, ...change } } }
  }

/** Changes of values: plan hash and semantic hash change. */
const meant: readonly (readonly [string, Change])[] = [
  [
    'a join key',
    ({ view }) => ({
      ...view,
      entities: view.entities.map(e => ({ ...e, joinKeys: { ...e.joinKeys, more: 'string' } })),
    }),
  ],
  [
    'the type of a join key',
    ({ view }) => ({
      ...view,
      entities: view.entities.map(e => ({
        ...e,
        joinKeys: { ...e.joinKeys, [Object.keys(e.joinKeys)[0] ?? '']: 'timestamp' },
      })),
    }),
  ],
  [
    'the number of features',
    ({ view }) => ({ ...view, features: { ...view.features, more: { type: 'int32' } } }),
  ],
  ['the type of a feature', featureOf({ type: 'vector<7>' })],
  ['the path of the source', sourceOf({ path: 'b.csv' })],
  ['the format of the source', sourceOf({ format: 'jsonl' })],
  ['the delimiter of the source', sourceOf({ csv: { delimiter: ';' } })],
  ['the texts that are null in the source', sourceOf({ csv: { nulls: ['NA'] } })],
  ['the event timestamp of the source', sourceOf({ eventTimestamp: 'then' })],
  ['the created timestamp of the source', sourceOf({ createdTimestamp: 'later' })],
  ['the columns of the source', sourceOf({ columns: { at: 'date' } })],
  [
    'the kind of the source',
    sourceOf({
      kind: 'tableSource',
      path: undefined,
      database: 'd',
      table: 't',
      local: { folder: 'f' },
    }),
  ],
  ['the transformation', ({ view }) => ({ ...view, transformation: "select *, '  ' as gap from source" })],
  ['the event timestamp', ({ view }) => ({ ...view, eventTimestamp: 'then' })],
  ['the created timestamp', ({ view }) => ({ ...view, createdTimestamp: 'later' })],
]

/** Other changes: only the plan hash changes. */
const other: readonly (readonly [string, Change])[] = [
  ['the ttl', ({ view }) => ({ ...view, ttl: hours(9_999) })],
  ['the staleness that is allowed', ({ view }) => ({ ...view, maxStaleness: seconds(5) })],
  ['no ttl', ({ view }) => ({ ...view, ttl: undefined })],
  ['the schedule', ({ view }) => ({ ...view, schedule: { cron: '0 6 * * ? *' } })],
  [
    'the freshness',
    ({ view }) => ({
      ...view,
      online: true,
      maxStaleness: undefined,
      schedule: { every: minutes(1) },
      freshness: minutes(6),
    }),
  ],
  ['the monthly cost', ({ view }) => ({ ...view, monthlyCost: 0.1 })],
  ['online', ({ view }) => ({ ...view, online: !view.online })],
  ['the owner', ({ view }) => ({ ...view, owner: `${view.owner}!` })],
  ['the description', ({ view }) => ({ ...view, description: 'another' })],
  ['a tag', ({ view }) => ({ ...view, tags: { ...view.tags, 'a new tag': '' } })],
  ['the description of a feature', featureOf({ description: 'quite another' })],
  ['the description of the source', sourceOf({ description: 'another' })],
]

describe.each([...meant.map(row => [...row, true] as const), ...other.map(row => [...row, false] as const)])(
  'a change of %s',
  (_name, change, isMeant) => {
    it(`changes the hash of the plan${isMeant ? ' and the semantic hash of the view' : ' only'}`, () => {
      fc.assert(
        fc.property(anyStore, store => {
          const [before, after] = [compile([store.view]), compile([change(store)])]
          const key = `view@${store.view.version}`
          expect(after.hash).not.toBe(before.hash)
          expect(viewOf(after, key).meaning === viewOf(before, key).meaning).toBe(!isMeant)
        }),
        { ...SEEDED, numRuns: 30 },
      )
    })
  },
)

it('the semantic hash of a view changes with that of the view that it reads', () => {
  fc.assert(
    fc.property(anyStore, store => {
      const meaning = (view: FeatureView) => viewOf(compile([view, store.above]), 'above@1').meaning
      expect(store.above.source).toEqual(viewSource({ view: 'view' }))
      expect(meaning({ ...store.view, eventTimestamp: 'then' })).not.toBe(meaning(store.view))
      expect(meaning({ ...store.view, owner: 'somebody else' })).toBe(meaning(store.view))
    }),
    SEEDED,
  )
})
