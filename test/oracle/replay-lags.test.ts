/**
 * A naive oracle checks what the skew check reports about late responses. Events and rows arrive at a store that
 * applies them later: in order, with losses, or in any order. Loops over the arrivals decide which responses contain
 * all arrivals, which lack only the newest, and which match neither.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  days,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  last,
  minutes,
  pick,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { isoMicros } from '../../lib/online/item/instant-text.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { checkSkew, type SkewCheckOptions, type SkewReport } from '../../lib/verbs/feature-log/check-skew.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { memoryRecords } from '../support/memory-records.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { type Random, random } from './random.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const stream = (name: 'clicks' | 'orders') =>
  streamSource({
    name,
    schema: { id: 'int64', user: 'string', shop: 'string', amount: 'int64' },
    eventTimestamp: 'at',
    eventId: ['id'],
  })
const [clicks, orders] = [stream('clicks'), stream('orders')]
const TILE = minutes(1)
const userClicks = aggregateView({
  name: 'user_clicks',
  entities: [user],
  source: clicks,
  aggregations: [count(), sum('amount'), last('amount')],
  windows: [minutes(3), days(1)],
  tile: TILE,
})
const userOrders = aggregateView({
  name: 'user_orders',
  entities: [user],
  source: orders,
  aggregations: [sum('amount')],
  windows: [hours(2)],
})
const shopOrders = aggregateView({
  name: 'shop_orders',
  entities: [shop],
  source: orders,
  aggregations: [sum('amount', { as: 'sold' })],
  windows: [hours(1)],
})
const profile = featureView({
  name: 'profile',
  entities: [user],
  source: fileSource({ name: 'profiles', path: 'profiles.parquet', eventTimestamp: 'at' }),
  features: { score: 'int64' },
  ttl: minutes(1),
})
const spent = derive({
  name: 'spent',
  inputs: [pick(userClicks, ['sum_amount_1d']), pick(userOrders, ['sum_amount_2h'])],
  request: { factor: 'int64' },
  features: x => ({ spent: x.sum_amount_1d.times(x.factor).plus(x.sum_amount_2h) }),
})
const service = featureService({ name: 'late', features: [userClicks, shopOrders, profile, spent] })

const T = Date.UTC(2024, 4, 1, 12)
const LOOK_BACK = 60_000
const REQUESTS = 50
const STEP = 7_000
const USERS = ['a', 'b', 'c']
const SHOPS = ['x', 'y']

type Kind = 'in order' | 'with losses' | 'in any order'

interface Arrival {
  readonly id: number
  readonly of: 'clicks' | 'orders' | 'profile'
  readonly user: string
  readonly shop: string
  readonly amount: number
  readonly at: number
  readonly arrived: number
  /** The instant at which it is applied; Infinity for never. */
  readonly applied: number
}

const SOURCES = ['clicks', 'orders', 'profile'] as const

function anyArrivals(chance: Random, kind: Kind): readonly Arrival[] {
  const free: Record<string, number> = {}
  let arrived = T
  // For a user without clicks, no derived feature shows whether there are orders.
  const click = { of: 'clicks', shop: 'x', amount: 1, at: T, arrived: T, applied: T } as const
  const first = USERS.map((user, i) => ({ ...click, user, id: -1 - i }))
  const later = chance.times(900, id => {
    // Some arrivals are in the same millisecond.
    arrived += chance.chance(0.2) ? 0 : chance.below(1_000)
    const of = chance.pick(SOURCES)
    const wait = chance.chance(0.4) ? 0 : chance.below(chance.chance(0.02) ? 2 * LOOK_BACK : 15_000)
    const applied = kind === 'in any order' ? arrived + wait : Math.max(arrived + wait, free[of] ?? 0)
    free[of] = applied
    const isLost = kind === 'with losses' && chance.chance(0.006)
    return {
      ...{ id, of, arrived, user: chance.pick(USERS), shop: chance.pick(SHOPS) },
      amount: 1 + chance.below(1_000_000_000),
      at: arrived - chance.below(30_000),
      applied: isLost ? Number.POSITIVE_INFINITY : applied,
    }
  })
  return [...first, ...later]
}

function recordOf({ id, of, user, shop, amount, at, arrived }: Arrival) {
  const iso = isoMicros(microsOf(at))
  const said =
    of === 'profile'
      ? { view: 'profile', row: { user, score: amount, event_timestamp: iso } }
      : { source: of, event: { id, user, shop, amount, at: iso } }
  return { id: `${id} ${user}`, text: JSON.stringify(said), arrived: microsOf(arrived) }
}

interface NaiveView {
  readonly name: string
  readonly of: Arrival['of']
  readonly by: 'user' | 'shop'
  readonly value: (applied: readonly Arrival[], t: number) => readonly unknown[]
}

const MINUTE = 60_000
const within = (applied: readonly Arrival[], t: number, windowMs: number, tileMs: number) =>
  applied.filter(({ at }) => at >= Math.floor((t - windowMs) / tileMs) * tileMs && at <= t)
const total = (events: readonly Arrival[]) => events.reduce((all, { amount }) => all + amount, 0)
const newest = (events: readonly Arrival[]) =>
  events.toSorted((a, b) => a.at - b.at || a.arrived - b.arrived).at(-1)?.amount ?? null

const VIEWS: readonly NaiveView[] = [
  {
    ...{ name: 'user_clicks@1', of: 'clicks', by: 'user' },
    value: (applied, t) =>
      [3 * MINUTE, 1_440 * MINUTE].flatMap(windowMs => {
        const events = within(applied, t, windowMs, MINUTE)
        return [events.length, total(events), newest(events)]
      }),
  },
  {
    ...{ name: 'user_orders@1', of: 'orders', by: 'user' },
    value: (applied, t) => [total(within(applied, t, 120 * MINUTE, 5 * MINUTE))],
  },
  {
    ...{ name: 'shop_orders@1', of: 'orders', by: 'shop' },
    value: (applied, t) => [total(within(applied, t, 60 * MINUTE, 5 * MINUTE))],
  },
  {
    ...{ name: 'profile@1', of: 'profile', by: 'user' },
    value: (applied, t) => {
      const at = Math.max(...applied.map(one => one.at))
      return at < t - MINUTE ? [null] : [newest(applied)]
    },
  },
]

/** The number of newest arrivals that a response lacks; null if it matches no state. */
function naiveLag(view: NaiveView, all: readonly Arrival[], t: number, lookBackMs: number): number | null {
  const known = all.filter(({ of, arrived }) => of === view.of && arrived <= t)
  const text = (arrivals: readonly Arrival[]) => JSON.stringify(view.value(arrivals, t))
  const online = text(known.filter(({ applied }) => applied <= t))
  if (online === text(known)) return 0
  const recent = [...new Set(known.map(({ arrived }) => arrived).filter(at => at > t - lookBackMs))]
  for (const oldest of recent.sort((a, b) => b - a))
    if (online === text(known.filter(({ arrived }) => arrived < oldest))) return t - oldest
  return null
}

interface Asked {
  readonly t: number
  readonly user: string
  readonly shop: string
}

interface Naive {
  readonly equal: number
  readonly behind: number
  readonly different: readonly string[]
  readonly lags: Readonly<Record<string, readonly number[]>>
}

const nameOf = ({ t, user, shop }: Asked) => `${user} ${shop} ${isoMicros(microsOf(t))}`

function naiveReplay(all: readonly Arrival[], asked: readonly Asked[], lookBackMs: number): Naive {
  const lags: Record<string, number[]> = {}
  const different = new Set<string>()
  const behind = new Set<string>()
  for (const one of asked) {
    const found = VIEWS.map(view => {
      const own = all.filter(arrival => arrival[view.by] === one[view.by])
      return { name: view.name, lag: naiveLag(view, own, one.t, lookBackMs) }
    })
    // Only the derived feature shows the orders, and it also depends on the clicks.
    const isHidden = (name: string) => name === 'user_orders@1' && found[0]?.lag === null
    for (const { name, lag } of found) {
      if (lag === null) different.add(nameOf(one))
      else if (lag > 0 && !isHidden(name)) {
        behind.add(nameOf(one))
        lags[name] = [...(lags[name] ?? []), lag]
      }
    }
  }
  const names = asked.map(nameOf)
  const late = names.filter(name => behind.has(name) && !different.has(name)).length
  return {
    equal: names.length - late - different.size,
    behind: late,
    different: [...different].sort(),
    lags,
  }
}

const rank = (lags: readonly number[], share: number) =>
  lags.toSorted((a, b) => a - b)[Math.ceil(share * lags.length) - 1]

const reportOf = ({ equal, behind, different, lags }: Naive) => ({
  ...{ equal, behind, different },
  lags: Object.keys(lags)
    .sort()
    .map(view => {
      const of = lags[view] ?? []
      return {
        ...{ view, behind: of.length },
        lagMs: { p50: rank(of, 0.5), p99: rank(of, 0.99), max: rank(of, 1) },
      }
    }),
})

const said = ({ equal, behind, features, lags }: SkewReport) => ({
  ...{ equal, behind },
  different: [
    ...new Set(
      features.flatMap(({ examples }) =>
        examples.map(({ asked, instant }) => `${asked['user']} ${asked['shop']} ${instant}`),
      ),
    ),
  ].sort(),
  lags,
})

/** Requests all entities repeatedly, while arrivals are applied at their time. */
async function lateStore(store: TemporaryStore, all: readonly Arrival[], chance: Random) {
  const records = memoryRecords()
  const ask = onlineFeatures({ ...store, recording: { answers: records, share: 1, onOutcome: records.told } })
  const push = pusher({ ...store, pushed: folderPushedRows(store.objects) })
  const left = [...all].sort((a, b) => a.applied - b.applied || a.id - b.id)
  const asked: Asked[] = []
  const apply = async (until: number) => {
    const due = left.splice(0, left.findIndex(({ applied }) => applied > until) >>> 0)
    const { refused, failed } = await push(due.map(recordOf))
    expect([refused, failed]).toEqual([[], []])
  }
  for (let request = 1; request <= REQUESTS; request++) {
    const t = T + request * STEP
    store.setNow(t)
    await apply(t)
    const shops = USERS.map(() => chance.pick(SHOPS))
    const factor = USERS.map(() => 1 + chance.below(3))
    await ask(JSON.stringify({ feature_service: 'late', entities: { user: USERS, shop: shops, factor } }))
    await records.settled(request)
    asked.push(...USERS.map((user, i) => ({ t, user, shop: shops[i] ?? '' })))
  }
  store.setNow(T + 2 * REQUESTS * STEP)
  await apply(Number.POSITIVE_INFINITY)
  const columns = [
    { name: 'user', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'score', type: 'int64' },
  ] as const
  await store.writeSource('profiles.parquet', columns, [])
  for (const view of Object.values(store.plan.views)) await ingest(store, view)
  const replayed = (options: SkewCheckOptions) =>
    checkSkew({ ...store, records }, findService(store.plan, 'late'), { examples: 1_000, ...options })
  return { asked, replayed }
}

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

it.each([
  ['in order', 20_240_501],
  ['in order', 20_240_502],
  ['with losses', 20_240_503],
  ['with losses', 20_240_504],
  ['in any order', 20_240_505],
  ['in any order', 20_240_506],
] as const)(
  'the skew check separates late responses from different ones: applied %s, seed %i',
  async (kind, seed) => {
    const chance = random(seed)
    const all = anyArrivals(chance, kind)
    await using store = await temporaryStore({ definitions: [service], now: T, ...onEither(seed, server) })
    const { asked, replayed } = await lateStore(store, all, chance)
    const expected = naiveReplay(all, asked, LOOK_BACK)
    expect(expected.behind).toBeGreaterThan(kind === 'in order' ? 20 : 5)
    if (kind !== 'in order') expect(expected.different.length).toBeGreaterThan(20)
    const report = await replayed({ lookBackMs: LOOK_BACK, batchRows: 64 })
    expect(said(report)).toEqual(reportOf(expected))

    const strict = await replayed({ lookBackMs: 0 })
    expect(said(strict)).toEqual(reportOf(naiveReplay(all, asked, 0)))
    expect(strict.lags).toEqual([])
    const short = await replayed({ lookBackMs: 3_000 })
    expect(said(short)).toEqual(reportOf(naiveReplay(all, asked, 3_000)))
  },
  900_000,
)
