/**
 * The schema of a view's tiles: one accumulator for each kind of aggregation over a filtered column, which all
 * windows share.
 */
import { hash } from 'node:crypto'
import { type ScalarType, shapeOf, type Value } from '../../definition/value-types.ts'
import { columnsOf } from '../../expression/columns-of.ts'
import { compileFunction } from '../../expression/compile-function.ts'
import type { ViewPlan, WindowPlan } from '../../plan/plan.ts'
import { FAMILY, type Family, partOf } from '../../storable/event-bytes.ts'
import { type Accumulator, cleaned } from './accumulator.ts'
import { extremes, newest, oldest } from './chosen.ts'
import { distinct } from './distinct.ts'
import { counts, squares, sums } from './sums.ts'

/** The values of an event by name. */
export type EventValues = Readonly<Record<string, Value>>

export interface TilePart {
  readonly tally: () => Accumulator
  /** The value that the accumulator gets from an event; null if it gets none. */
  readonly take: (values: EventValues) => Value
}

/** A window, and the index of the part from which it is computed. */
export interface TileWindow {
  readonly plan: WindowPlan
  readonly part: number
}

/** A column whose values are stored. */
export interface KeptColumn {
  readonly name: string
  readonly type: ScalarType
}

export interface TileSchema {
  /** Depends on the aggregations, windows and event ids. Tiles with another id cannot be read with this schema. */
  readonly id: string
  /** In the order in which tiles store them. */
  readonly parts: readonly TilePart[]
  readonly windows: readonly TileWindow[]
  /** The columns that must be known of an event. */
  readonly columns: readonly KeptColumn[]
}

function accumulatorOf(family: Family, type: ScalarType, n: number): () => Accumulator {
  switch (family) {
    case 'counts':
      return counts
    case 'sums':
      return sums(type)
    case 'squares':
      return squares(type)
    case 'least':
    case 'greatest':
      return extremes(type, family)
    case 'oldest':
      return oldest(type)
    case 'newest':
      return newest(type, n)
    case 'distinct':
      return distinct
  }
}

type PartInput = Pick<WindowPlan, 'column' | 'where'>

/** A window without a column counts events, so it takes `true` from each. */
function takeOf({ column, where }: PartInput, types: Readonly<Record<string, ScalarType>>): TilePart['take'] {
  const value = (values: EventValues): Value => (column === null ? true : cleaned(values[column]))
  if (where === null) return value
  const isMeant = compileFunction(where, types)
  return values => (isMeant(values) === true ? value(values) : null)
}

function storedColumns({ joinKeys, aggregates }: ViewPlan): readonly KeptColumn[] {
  const windows = aggregates?.windows ?? []
  const names = new Set(windows.flatMap(({ column, where }) => [column, ...columnsOf(where)]))
  return [...joinKeys, ...(aggregates?.columns ?? [])]
    .filter(({ name }) => names.has(name))
    .map(({ name, type }) => {
      const shape = shapeOf(type)
      if (shape.kind !== 'scalar') throw new TypeError(`${name}: nothing is made of ${type}`)
      return { name, type: shape.scalar }
    })
}

const ID_LENGTH = 8

function schemaOf(view: ViewPlan): TileSchema {
  const columns = storedColumns(view)
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const groups = Map.groupBy(view.aggregates?.windows ?? [], partOf)
  const places = [...groups.keys()]
  const parts = [...groups.values()].flatMap(group => {
    const [one] = group
    if (one === undefined) return []
    const type = one.column === null ? 'bool' : (types[one.column] ?? 'bool')
    const n = Math.max(1, ...group.map(window => window.n))
    return [{ tally: accumulatorOf(FAMILY[one.aggregation], type, n), take: takeOf(one, types) }]
  })
  const windows = (view.aggregates?.windows ?? []).map(plan => ({ plan, part: places.indexOf(partOf(plan)) }))
  const id = hash('sha256', JSON.stringify(view.aggregates), 'hex').slice(0, ID_LENGTH)
  return { id, parts, windows, columns }
}

const shapes = new WeakMap<ViewPlan, TileSchema>()

/** The tile schema of a view, computed once per view. */
export function tileSchema(view: ViewPlan): TileSchema {
  const cached = shapes.get(view)
  if (cached !== undefined) return cached
  const shape = schemaOf(view)
  shapes.set(view, shape)
  return shape
}
