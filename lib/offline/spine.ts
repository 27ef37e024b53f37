/** The spine: the rows that a training set starts from, numbered and held to its services' types. */
import { type Column, RESERVED_PREFIX, type ServicePlan } from '../compiler/plan.ts'
import type { FoundColumn } from './accept-rows.ts'
import { SPINE_ROW } from './point-in-time-join.ts'
import { EVENT } from './table.ts'

/** What a spine must have. */
export const spineNeeds = (services: readonly ServicePlan[]): readonly Column[] => [
  ...new Map(
    services
      .flatMap(({ joinKeys, request }) => [...joinKeys, ...request])
      .map(column => [column.name, column] as const),
  ).values(),
  { name: EVENT, type: 'timestamp' },
]

/** The spine's columns whose names the training set gives to something else. @param taken in lower case */
export const clashes = (found: readonly FoundColumn[], taken: ReadonlySet<string>): readonly string[] =>
  found
    .map(column => column.name)
    .filter(name => taken.has(name.toLowerCase()) || isReservedInSpine(name.toLowerCase()))

const isReservedInSpine = (name: string): boolean => name === SPINE_ROW || name.startsWith(RESERVED_PREFIX)

/** The spine's columns, those that are needed under their own names. */
export function spineColumns(
  needs: readonly Column[],
  found: readonly FoundColumn[],
): readonly FoundColumn[] {
  const needed = new Map(needs.map(({ name }) => [name.toLowerCase(), name]))
  return found.map(({ name, type }) => ({ name: needed.get(name.toLowerCase()) ?? name, type }))
}

/** Rows in the order in which they come, from 1. */
export const numbered = (rows: string): string =>
  `select row_number() over () as ${SPINE_ROW}, s.* from ${rows} s`
