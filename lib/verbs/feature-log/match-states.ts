/**
 * Of the states that a service's views had shortly before an answer, those that it was given from. Views may have been in
 * different states; derived features must be those of the states of all that they are made of.
 */

import type { Value, ValueType } from '../../definition/value-types.ts'
import { compileFunction } from '../../expression/compile-function.ts'
import type { LoggedFeatures } from '../../online/feature-log/logged-features.ts'
import { jsonCodec } from '../../online/item/json-codec.ts'
import { parseJson } from '../../online/item/json-value.ts'
import type { DerivedPlan, ServicePlan, ViewRef } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { type RawRow, valueIn } from '../materialize/read-rows.ts'
import { type FeatureTexts, featureTexts } from './feature-texts.ts'

/** A use in one of its states. */
export interface ViewState {
  /** How many arrivals it lacks. */
  readonly missing: number
  /** The oldest of them; null: it lacks none. */
  readonly oldest: Micros | null
  readonly row: RawRow
}

/** An answer that is not what a training set holds. */
export interface DifferingAnswer {
  readonly number: number
  readonly record: LoggedFeatures
  readonly row: RawRow
  /** Its features that differ. */
  readonly differing: ReadonlySet<string>
}

/** What is judged together: uses that derived features tie to each other. */
export interface UseGroup {
  /** Which of the uses that are read. */
  readonly uses: readonly number[]
  /** Features of the answer, by name. */
  readonly features: ReadonlySet<string>
  readonly derived: readonly PreparedDerived[]
}

interface PreparedDerived {
  readonly name: string
  readonly fullName: string
  /** All that it is made of, through others too. */
  readonly uses: ReadonlySet<number>
  readonly texts: FeatureTexts
  readonly compute: (known: Readonly<Record<string, Value>>) => Value
}

/** The states of a group's uses, in the order of its uses. */
type States = readonly ViewState[]

export interface StateMatcher {
  readonly uses: readonly ViewRef[]
  readonly groups: readonly UseGroup[]
  /** Of each use the features of it in the answer, by name. */
  readonly answered: readonly (readonly string[])[]
  /** Are the features that are answered of this use those of the record? */
  readonly isStateOf: (use: number, record: LoggedFeatures, row: RawRow) => boolean
  /** The nearest states that an answer was given from, of those that {@link isStateOf} holds of; null: of none. */
  readonly match: (
    group: UseGroup,
    answer: DifferingAnswer,
    candidates: readonly (readonly ViewState[])[],
  ) => States | null
}

/** So many combinations of states are tried for one answer, the nearest. */
const MOST_COMBINATIONS = 4_096

export function stateMatcher(service: ServicePlan): StateMatcher {
  const uses = viewRefsRead(service)
  const answered = uses.map((_, i) => service.uses[i]?.features ?? [])
  const texts = answered.map(features => features.map(featureTexts))
  const groups = groupsOf(service, uses)
  const givenOf = requestReader(service)
  return {
    uses,
    groups,
    answered: answered.map(features => features.map(({ name }) => name)),
    isStateOf: (use, record, row) =>
      (texts[use] ?? []).every(({ recorded, joined }) => {
        const text = recorded(record)
        return text === null || text === joined(row)
      }),
    match: (group, answer, candidates) => {
      const given = givenOf(answer.record)
      const isGivenFrom = (states: States): boolean =>
        derivedFit(group, answer, states, { ...given, ...inputsOf(group, uses, states) })
      return combinations(candidates).find(isGivenFrom) ?? null
    },
  }
}

function derivedFit(
  { uses, derived }: UseGroup,
  { record, differing }: DifferingAnswer,
  states: States,
  known: Record<string, Value>,
): boolean {
  const late = new Set(uses.filter((_, i) => (states[i]?.missing ?? 0) > 0))
  return derived.every(({ name, fullName, uses, texts, compute }) => {
    const value = compute(known)
    known[fullName] = value
    const recorded = texts.recorded(record)
    // Made of what is current it has been compared, with the engine's own value.
    if (recorded === null || uses.isDisjointFrom(late)) return !differing.has(name)
    return recorded === texts.write(value)
  })
}

function inputsOf(group: UseGroup, uses: readonly ViewRef[], states: States): Record<string, Value> {
  const known: Record<string, Value> = {}
  group.uses.forEach((use, i) => {
    const row = states[i]?.row ?? {}
    for (const { fullName, name, type } of uses[use]?.features ?? [])
      known[fullName] = valueIn(row, { name, type })
  })
  return known
}

/** One of each, those first that lack least. */
function combinations(candidates: readonly (readonly ViewState[])[]): readonly States[] {
  const each = Math.floor(MOST_COMBINATIONS ** (1 / Math.max(candidates.length, 1)))
  const nearest = candidates.map(states => states.toSorted((a, b) => a.missing - b.missing).slice(0, each))
  const all = nearest.reduce<States[]>(
    (made, states) => made.flatMap(one => states.map(state => [...one, state])),
    [[]],
  )
  const lacks = (states: States): number => states.reduce((sum, { missing }) => sum + missing, 0)
  return all.sort((a, b) => lacks(a) - lacks(b))
}

/** Request values by name, from the texts in which they were recorded. */
function requestReader({ joinKeys, request }: ServicePlan) {
  const readers = request.map(({ name, type }, i) => ({
    name,
    i: joinKeys.length + i,
    read: textReader(type),
  }))
  return ({ asked }: LoggedFeatures): Record<string, Value> =>
    Object.fromEntries(readers.map(({ name, i, read }) => [name, read(asked[i] ?? null)]))
}

function textReader(type: ValueType): (text: string | null) => Value {
  const { read } = jsonCodec(type)
  return text => (text === null ? null : (read(text) ?? read(parseJson(text)) ?? null))
}

/** Uses that no derived feature ties to another are groups of their own. */
function groupsOf(service: ServicePlan, uses: readonly ViewRef[]): readonly UseGroup[] {
  const derived = prepared(service.derived, uses)
  const groupOf = uses.map((_, use) => use)
  for (const { uses } of derived) {
    const [first = 0, ...others] = [...uses].map(use => groupOf[use] ?? use)
    groupOf.forEach((group, use) => {
      if (others.includes(group)) groupOf[use] = first
    })
  }
  return [...new Set(groupOf)].map(group => {
    const members = [...uses.keys()].filter(use => groupOf[use] === group)
    const made = derived.filter(one => members.some(use => one.uses.has(use)))
    const answered = members.flatMap(use => service.uses[use]?.features ?? [])
    return {
      uses: members,
      derived: made,
      features: new Set([...answered, ...made].map(({ name }) => name)),
    }
  })
}

function prepared(derived: readonly DerivedPlan[], uses: readonly ViewRef[]): readonly PreparedDerived[] {
  const sources = new Map<string, ReadonlySet<number>>(
    uses.flatMap(({ features }, use) => features.map(({ fullName }) => [fullName, new Set([use])] as const)),
  )
  return derived.map(({ name, fullName, type, expression, from }) => {
    const madeOf = new Set(from.flatMap(one => [...(sources.get(one.name) ?? [])]))
    sources.set(fullName, madeOf)
    const types = Object.fromEntries(from.map(one => [one.name, one.type]))
    return {
      name,
      fullName,
      uses: madeOf,
      texts: featureTexts({ name, type }),
      compute: compileFunction(expression, types),
    }
  })
}
