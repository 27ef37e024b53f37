/** The spine: the rows that a training set starts from. They are numbered and have the types of the services. */
import {
  type Column,
  RESERVED_PREFIX,
  type ServicePlan,
  type ViewPlan,
  type ViewRef,
} from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { MAX_KEY_BYTES } from '../../storable/row-bytes.ts'
import type { FoundColumn } from '../ingest/accept-rows.ts'
import { keySize } from '../ingest/storable-rows.ts'
import { EVENT } from '../table.ts'
import { SPINE_ROW } from './point-in-time-join.ts'

/** The columns that a spine must have. */
export const spineNeeds = (services: readonly ServicePlan[]): readonly Column[] => [
  ...new Map(
    services
      .flatMap(({ joinKeys, request }) => [...joinKeys, ...request])
      .map(column => [column.name, column] as const),
  ).values(),
  { name: EVENT, type: 'timestamp' },
]

/**
 * The spine columns whose names are reserved or used by other columns of the training set.
 * @param taken names in lower case
 */
export const clashes = (found: readonly FoundColumn[], taken: ReadonlySet<string>): readonly string[] =>
  found
    .map(column => column.name)
    .filter(name => taken.has(name.toLowerCase()) || isReservedInSpine(name.toLowerCase()))

const isReservedInSpine = (name: string): boolean => name === SPINE_ROW || name.startsWith(RESERVED_PREFIX)

/** The spine's columns. A required column gets the exact name that the service uses. */
export function spineColumns(
  needs: readonly Column[],
  found: readonly FoundColumn[],
): readonly FoundColumn[] {
  const needed = new Map(needs.map(({ name }) => [name.toLowerCase(), name]))
  return found.map(({ name, type }) => ({ name: needed.get(name.toLowerCase()) ?? name, type }))
}

/** Numbers the rows in their order, from 1. */
export const numbered = (rows: string): string =>
  `select row_number() over () as ${SPINE_ROW}, s.* from ${rows} s`

/** A view that the spine reads, and the spine columns that contain its join keys. */
export interface EntityOfSpine extends Pick<ViewRef, 'joinKeys'> {
  readonly view: ViewPlan
}

/** The online views that the services read. A view occurs once for each set of join key columns. */
export function entitiesOf(
  services: readonly ServicePlan[],
  views: Readonly<Record<string, ViewPlan>>,
): readonly EntityOfSpine[] {
  const entities = services.flatMap(viewRefsRead).flatMap(({ view: key, joinKeys }) => {
    const view = views[key]
    return view?.online === true ? [{ view, joinKeys }] : []
  })
  const nameOf = ({ view, joinKeys }: EntityOfSpine): string =>
    [view.key, ...joinKeys.map(({ from }) => from)].join('|')
  return [...new Map(entities.map(entity => [nameOf(entity), entity])).values()]
}

/** SQL condition: the entity key is longer than the online store accepts. Null if a part of the key is null. */
export function longKey(dialect: Dialect, { view, joinKeys }: EntityOfSpine): string {
  const keys = view.joinKeys.flatMap(key => {
    const own = joinKeys.find(({ name }) => name === key.name)
    return own === undefined ? [] : [{ ...key, value: quote(own.from) }]
  })
  return `${keySize(dialect, view, keys)} > ${MAX_KEY_BYTES}`
}
