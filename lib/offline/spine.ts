/** The spine: the rows that a training set starts from, numbered and held to the service's types. */
import { type Column, featuresOf, type ServicePlan } from '../compiler/plan.ts'
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
  return found.map(column => column.name).filter(name => taken.has(name) || name === SPINE_ROW)
}

/** Rows in the order in which they come, from 1. */
export const numbered = (rows: string): string =>
  `select row_number() over () as ${SPINE_ROW}, s.* from ${rows} s`
