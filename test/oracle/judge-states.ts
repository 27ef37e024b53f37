/** The states of a view before the newest arrivals of an entity: computed by loops, and by an engine. */

import type { Value } from '../../lib/definition/value-types.ts'
import { earlierStates } from '../../lib/offline/training-set/earlier-states.ts'
import { type ServicePlan, type ViewPlan, type ViewRef, viewOf } from '../../lib/plan/plan.ts'
import type { Dialect } from '../../lib/sql/dialect.ts'
import { anyCase } from './generate.ts'
import { anyWindowCase, eventsOf } from './generate-windows.ts'
import { firstDifference, historySelect, spineSelect } from './judge.ts'
import { windowSpine, windowTable } from './judge-windows.ts'
import { type SpineRow, visibleRow } from './naive.ts'
import { type NaiveEvent, naiveWindow } from './naive-windows.ts'
import type { Random } from './random.ts'

/** An event or a row, and the instant at which it arrives or becomes visible. */
interface Arrival {
  readonly at: bigint | null
  readonly event: bigint
}

interface NaiveHistory<A extends Arrival> {
  readonly arrivals: readonly A[]
  readonly reachMs: number | null
  /** The features at an instant, from some of the arrivals. */
  readonly features: (applied: readonly A[]) => Readonly<Record<string, Value>>
}

/** A generated store, and a reference to one of its views. */
export interface StatesCase {
  readonly sql: (dialect: Dialect, above: number, most: number) => string
  readonly expected: readonly SpineRow[]
}

const LOOK_BACKS = [1, 1_000, 60_000, 3_600_000, 10 * 86_400_000]
const NO_LIMIT = { asOf: null, asKnown: false }

/** One case for each reference to plain views, or to aggregate views. */
export function anyStatesCases(random: Random, isAggregated: boolean): readonly StatesCase[] {
  const lookBackMs = random.pick(LOOK_BACKS)
  return isAggregated ? windowCases(random, lookBackMs) : rowCases(random, lookBackMs)
}

function windowCases(random: Random, lookBackMs: number): readonly StatesCase[] {
  const made = anyWindowCase(random)
  return made.service.uses.map(use => {
    const view = viewOf(made.plan, use.view)
    const windows = (view.aggregates?.windows ?? []).filter(({ name }) =>
      use.features.some(({ feature }) => feature === name),
    )
    const reachMs = Math.max(...windows.map(({ windowMs, tileMs }) => windowMs + tileMs))
    const once = new Map(eventsOf(view, made.events).map(event => [identity(event), event]))
    const history = (keys: Keys, t: bigint): NaiveHistory<NaiveEvent & Arrival> => ({
      arrivals: [...once.values()]
        .filter(event => keys.every(([name, value]) => event.keys[name] === value))
        .map(event => ({ ...event, at: event.created })),
      reachMs,
      features: applied =>
        Object.fromEntries(
          use.features.map(({ name, feature }) => {
            const window = windows.find(one => one.name === feature)
            if (window === undefined) throw new Error(`no window is named ${feature}`)
            return [name, naiveWindow(view, window, applied, t, NO_LIMIT, made.takes)]
          }),
        ),
    })
    return statesCase({
      ...{ ...made, use, view, lookBackMs, rows: made.spine, history },
      spineSql: dialect => windowSpine(dialect, made),
      tableSql: dialect => windowTable(dialect, made, use.view),
    })
  })
}

const identity = (event: NaiveEvent): string =>
  JSON.stringify([...Object.values(event.keys).map(String), String(event.event), event.id])

function rowCases(random: Random, lookBackMs: number): readonly StatesCase[] {
  const made = anyCase(random)
  return made.service.uses.map(use => {
    const view = viewOf(made.plan, use.view)
    const history = (keys: Keys, t: bigint) => {
      const own = Object.fromEntries(keys)
      const rows = (made.histories[use.view] ?? []).flatMap(row => {
        const { event, created } = row
        if (event === null || visibleRow([row], null, own, event, NO_LIMIT) === null) return []
        return [{ row, event, at: created === null || created < event ? event : created }]
      })
      return {
        arrivals: rows,
        reachMs: view.ttlMs,
        features: (applied: readonly (typeof rows)[number][]) => {
          const seen = visibleRow(
            applied.map(one => one.row),
            view.ttlMs,
            own,
            t,
            NO_LIMIT,
          )
          return Object.fromEntries(
            use.features.map(({ name, feature }) => [name, seen?.features[feature] ?? null]),
          )
        },
      }
    }
    return statesCase({
      ...{ ...made, use, view, lookBackMs, rows: made.spine, history },
      spineSql: dialect => spineSelect(dialect, made),
      tableSql: dialect => historySelect(dialect, made, use.view),
    })
  })
}

type Keys = readonly (readonly [string, Value])[]

interface StatesInput<A extends Arrival> {
  readonly plan: { readonly views: Readonly<Record<string, ViewPlan>> }
  readonly service: ServicePlan
  readonly use: ViewRef
  readonly lookBackMs: number
  readonly rows: readonly SpineRow[]
  readonly history: (keys: Keys, t: bigint) => NaiveHistory<A>
  readonly spineSql: (dialect: Dialect) => string
  readonly tableSql: (dialect: Dialect) => string
}

function statesCase<A extends Arrival>(input: StatesInput<A>): StatesCase {
  const { plan, service, use, lookBackMs, rows, spineSql, tableSql } = input
  const instants = rows.flatMap(row =>
    typeof row['event_timestamp'] === 'bigint' ? [row['event_timestamp']] : [],
  )
  const [first, last] = [instants.reduce(least, instants[0] ?? 0n), instants.reduce(most, instants[0] ?? 0n)]
  return {
    sql: (dialect, above, most) =>
      earlierStates({
        ...{ dialect, plan, service, use, lookBackMs, above, most },
        spine: `(${spineSql(dialect)})`,
        table: `(${tableSql(dialect)})`,
        rows: [...rows.keys()],
        bounds: instants.length === 0 ? null : { first, last },
      }),
    expected: rows.flatMap((row, i) => naiveStates(input, row, i)),
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)

function naiveStates<A extends Arrival>(
  { use, lookBackMs, history }: StatesInput<A>,
  row: SpineRow,
  i: number,
): readonly SpineRow[] {
  const t = row['event_timestamp'] ?? null
  const keys = use.joinKeys.map(({ name, from }) => [name, row[from] ?? null] as const)
  if (typeof t !== 'bigint' || keys.some(([, value]) => value === null)) return []
  const { arrivals, reachMs, features } = history(keys, t)
  const near = arrivals.filter(
    ({ event, at }) =>
      event <= t && (reachMs === null || event >= t - BigInt(reachMs) * 1_000n) && (at === null || at <= t),
  )
  const recent = near.flatMap(({ at }) => (at !== null && at > t - BigInt(lookBackMs) * 1_000n ? [at] : []))
  const distinct = [...new Set(recent)].sort((a, b) => (a > b ? -1 : 1))
  return [null, ...distinct].map((oldest, missing) => ({
    spine_row: BigInt(i),
    quern_missing: BigInt(missing),
    quern_oldest: oldest,
    quern_arrivals: BigInt(missing === 0 ? 0 : distinct.length),
    ...features(near.filter(({ at }) => oldest === null || at === null || at < oldest)),
  }))
}

export interface JudgedStates {
  readonly rows: number
  /** The number of states that lack an arrival. */
  readonly earlier: number
}

/** Compares the newest states and the earlier ones. @throws {Error} if an engine and the loops differ */
export async function judgeStates(
  { sql, expected }: StatesCase,
  dialect: Dialect,
  ask: (sql: string) => Promise<readonly SpineRow[]>,
): Promise<JudgedStates> {
  const queries = [sql(dialect, -1, 2), sql(dialect, 2, 1_000)]
  const rows: SpineRow[] = []
  for (const query of queries) rows.push(...(await ask(query)))
  const order = (row: SpineRow) => Number(row['spine_row']) * 10_000 + Number(row['quern_missing'])
  const difference = firstDifference(
    expected,
    rows.sort((a, b) => order(a) - order(b)),
  )
  if (difference !== null) throw new Error(`${difference}\nSQL:\n${queries.join(';\n')}`)
  return { rows: rows.length, earlier: rows.filter(row => row['quern_missing'] !== 0n).length }
}
