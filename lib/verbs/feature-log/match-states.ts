/**
 * Finds the earlier states of a service's views from which a response was served. Each view may have been in a different
 * state. A derived feature must match the states of all its inputs.
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

/** One state of a view reference. */
export interface ViewState {
  /** Number of arrivals that the state lacks. */
  readonly missing: number
  /** The instant of the oldest missing arrival; null: none is missing. */
  readonly oldest: Micros | null
  readonly row: RawRow
}

/** A response that differs from the training set. */
export interface DifferingAnswer {
  readonly number: number
  readonly record: LoggedFeatures
  readonly row: RawRow
  /** Names of the features that differ. */
  readonly differing: ReadonlySet<string>
}

/** View references that must be matched together, because derived features read from several of them. */
export interface UseGroup {
  /** Indexes into the view references that the service reads. */
  readonly uses: readonly number[]
  /** Names of the group's features in the response. */
  readonly features: ReadonlySet<string>
  readonly derived: readonly PreparedDerived[]
}

interface PreparedDerived {
  readonly name: string
  readonly fullName: string
  /** Its direct and indirect inputs, as indexes of view references. */
  readonly uses: ReadonlySet<number>
  readonly texts: FeatureTexts
  readonly compute: (known: Readonly<Record<string, Value>>) => Value
}

/** One state per view reference of a group, in the group's order. */
type States = readonly ViewState[]

export interface StateMatcher {
  readonly uses: readonly ViewRef[]
  readonly groups: readonly UseGroup[]
  /** For each view reference, the names of its features in the response. */
  readonly answered: readonly (readonly string[])[]
  /** Whether the row's values of this view reference equal the record's values. */
  readonly isStateOf: (use: number, record: LoggedFeatures, row: RawRow) => boolean
  /** Returns the most recent candidate states that match the response, or null. Candidates must pass {@link isStateOf}. */
  readonly match: (
    group: UseGroup,
    answer: DifferingAnswer,
    candidates: readonly (readonly ViewState[])[],
  ) => States | null
}

/** The maximum number of combinations of states that are tried for one response, the most recent first. */
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
    // If all inputs are current, the feature was already compared with the engine's value.
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

/** All combinations of one state per view reference. Combinations that lack the fewest arrivals come first. */
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

/** Reads request values by name from their logged texts. */
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

/** Groups the view references. A view reference that shares no derived feature with another is a group of its own. */
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
