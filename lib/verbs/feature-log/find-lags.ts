/**
 * Finds which differing responses were behind, that is, served before the newest arrivals of their entities were applied.
 * It first queries the offline store for the most recent earlier states. It queries older states only for responses that
 * still match none.
 */

import { earlierStates, STATE } from '../../offline/training-set/earlier-states.ts'
import { SPINE_ROW } from '../../offline/training-set/point-in-time-join.ts'
import type { ServicePlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { unloadedRows } from '../ingest/unloaded-rows.ts'
import type { RawRow } from '../materialize/read-rows.ts'
import type { TrainingSetContext } from '../training-set/training-set.ts'
import {
  type DifferingAnswer,
  type StateMatcher,
  stateMatcher,
  type UseGroup,
  type ViewState,
} from './match-states.ts'

/** The maximum number of an entity's arrivals that a response may lack, in each round of queries. */
const ROUNDS = [8, 64, 256] as const
/** The maximum number of states that one query returns, so that memory does not grow with the look-back. */
const MOST_STATES = 200_000
/** The maximum number of responses per query, because the query's text lists their row numbers. */
const MOST_ANSWERS = 10_000

export interface FindLags {
  /** The SQL after FROM that reads the responses as a numbered spine. */
  readonly spine: string
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  /** The SQL after FROM, by view key. */
  readonly tables: Readonly<Record<string, string>>
  readonly lookBackMs: number
  readonly answers: readonly DifferingAnswer[]
}

export interface Lag {
  /** Features that do not count as different, although some of them differ from the training set. */
  readonly features: ReadonlySet<string>
  /** By view: the time from the oldest arrival that the response lacks to the response's instant, in milliseconds. */
  readonly lagMs: ReadonlyMap<string, number>
}

/** A response that is not settled yet for one group of view references. */
interface Open {
  readonly answer: DifferingAnswer
  readonly group: UseGroup
  /** Candidate states, by view reference. */
  readonly states: Map<number, ViewState[]>
  /** Number of arrivals in the look-back, by view reference. */
  readonly arrivals: Map<number, number>
}

interface Round {
  readonly above: number
  readonly most: number
}

/** @returns lags by the responses' row numbers; a response that is not behind is left out */
export async function findLags(
  world: TrainingSetContext,
  service: ServicePlan,
  { answers, ...input }: FindLags,
): Promise<ReadonlyMap<number, Lag>> {
  const matcher = stateMatcher(service)
  const lags = new Map<number, Lag>()
  const settle = ({ answer, group }: Open, found: MatchedStates): void => {
    const lag = lagOf(matcher, { answer, group, ...found }, lags.get(answer.number))
    if (lag.lagMs.size > 0) lags.set(answer.number, lag)
  }
  let open = answers.flatMap(answer => opened(matcher, answer))
  let above = -1
  for (const most of ROUNDS) {
    const further: Open[] = []
    for (const some of slices(open, Math.min(MOST_ANSWERS, Math.floor(MOST_STATES / most)))) {
      await readStates(world, { ...input, service, matcher, round: { above, most } }, some)
      for (const one of some) {
        const states = matcher.match(one.group, one.answer, candidatesOf(one))
        if (states !== null) settle(one, { states, features: one.group.features })
        else if (hasMore(one, most)) further.push(one)
        else settle(one, alone(matcher, one))
      }
    }
    open = further
    above = most
  }
  for (const one of open) settle(one, alone(matcher, one))
  return lags
}

const opened = ({ groups }: StateMatcher, answer: DifferingAnswer): readonly Open[] =>
  groups
    .filter(({ features }) => !features.isDisjointFrom(answer.differing))
    .map(group => ({ answer, group, states: new Map(), arrivals: new Map() }))

const candidatesOf = ({ group, states }: Open): readonly (readonly ViewState[])[] =>
  group.uses.map(use => states.get(use) ?? [])

const hasMore = ({ arrivals }: Open, most: number): boolean => [...arrivals.values()].some(n => n > most)

interface MatchedStates {
  /** In the order of the group's view references. */
  readonly states: readonly (ViewState | undefined)[]
  /** Features whose values equal those of these states. */
  readonly features: ReadonlySet<string>
}

/**
 * Matches each view reference on its own, if no combination of states matches. So a difference in one view is not reported
 * for views that were only behind.
 */
function alone({ answered }: StateMatcher, one: Open): MatchedStates {
  const states = candidatesOf(one).map(states => states.toSorted((a, b) => a.missing - b.missing)[0])
  const found = one.group.uses.filter((_, i) => states[i] !== undefined)
  return { states, features: new Set(found.flatMap(use => answered[use] ?? [])) }
}

/** Adds the lag of this group to the lag of the response's other groups. */
function lagOf(
  { uses }: StateMatcher,
  { answer, group, states, features }: MatchedStates & Pick<Open, 'answer' | 'group'>,
  before: Lag = { features: new Set(), lagMs: new Map() },
): Lag {
  const lagMs = new Map(before.lagMs)
  group.uses.forEach((use, i) => {
    const oldest = states[i]?.oldest ?? null
    const view = uses[use]?.view
    if (oldest === null || view === undefined) return
    const lag = Math.ceil(Number(answer.record.instant - oldest) / 1_000)
    lagMs.set(view, Math.max(lag, lagMs.get(view) ?? 0))
  })
  return { features: before.features.union(features), lagMs }
}

function* slices<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += length) yield items.slice(i, i + length)
}

interface ReadStates extends Omit<FindLags, 'answers'> {
  readonly service: ServicePlan
  readonly matcher: StateMatcher
  readonly round: Round
}

/** Runs one query per view reference, and keeps the states that match the response. */
async function readStates(
  world: TrainingSetContext,
  { matcher, round, tables, service, ...input }: ReadStates,
  open: readonly Open[],
): Promise<void> {
  for (const [i, use] of matcher.uses.entries()) {
    const asked = new Map(
      open.filter(one => isAsked(one, i, round)).map(one => [one.answer.number, one] as const),
    )
    if (asked.size === 0) continue
    const table = tables[use.view]
    if (table === undefined) throw new Error(`no table is given for view '${use.view}'`)
    const { dialect } = world.engine
    const sql = earlierStates({
      ...{ ...input, ...round, dialect, plan: world.plan, service, use, table },
      rows: [...asked.keys()],
    })
    for await (const row of unloadedRows(world, sql, 'states.parquet')) {
      const one = asked.get(Number(row[SPINE_ROW]))
      if (one === undefined) throw new Error(`the states of '${use.view}' have a row ${row[SPINE_ROW]}`)
      keep(matcher, one, i, row)
    }
  }
}

const isAsked = ({ group, arrivals }: Open, use: number, { above }: Round): boolean =>
  group.uses.includes(use) && (above < 0 || (arrivals.get(use) ?? 0) > above)

function keep({ isStateOf }: StateMatcher, { answer, states, arrivals }: Open, use: number, row: RawRow) {
  arrivals.set(use, Math.max(arrivals.get(use) ?? 0, Number(row[STATE.arrivals])))
  if (!isStateOf(use, answer.record, row)) return
  // An instant, or null: see lib/offline/training-set/earlier-states.ts.
  const oldest = (row[STATE.oldest] ?? null) as Micros | null
  const kept = states.get(use) ?? []
  states.set(use, kept)
  kept.push({ missing: Number(row[STATE.missing]), oldest, row })
}
