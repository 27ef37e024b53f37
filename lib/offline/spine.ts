/** The spine: the rows that a training set starts from, numbered and held to the service's types. */
import { type Column, featuresOf, RESERVED_PREFIX, type ServicePlan } from '../compiler/plan.ts'
import type { FoundColumn } from './accept-rows.ts'
import { SPINE_ROW } from './point-in-time-join.ts'
import { EVENT } from './table.ts'

/** What a spine must have. */
export const spineNeeds = (service: ServicePlan): readonly Column[] => [
  ...service.joinKeys,
  { name: EVENT, type: 'timestamp' },
]

/** The spine's columns whose names the training set gives to something else. */
export function clashes(
  service: ServicePlan,
  found: readonly FoundColumn[],
  fullNames: boolean,
): readonly string[] {
  const taken = new Set(featuresOf(service).map(feature => (fullNames ? feature.fullName : feature.name)))
  return found
    .map(column => column.name)
    .filter(name => taken.has(name.toLowerCase()) || isReservedInSpine(name.toLowerCase()))
}

const isReservedInSpine = (name: string): boolean => name === SPINE_ROW || name.startsWith(RESERVED_PREFIX)

/** The spine's columns, those that the service needs under its own names. */
export function spineColumns(service: ServicePlan, found: readonly FoundColumn[]): readonly FoundColumn[] {
  const needed = new Map(spineNeeds(service).map(({ name }) => [name.toLowerCase(), name]))
  return found.map(({ name, type }) => ({ name: needed.get(name.toLowerCase()) ?? name, type }))
}

/** Rows in the order in which they come, from 1. */
export const numbered = (rows: string): string =>
  `select row_number() over () as ${SPINE_ROW}, s.* from ${rows} s`
