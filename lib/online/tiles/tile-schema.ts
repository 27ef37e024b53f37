/** What a view's tiles hold: a tally for each thing that is made of a column under a filter, however many windows look at it. */
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

/** An event's values by name. */
export type EventValues = Readonly<Record<string, Value>>

export interface TilePart {
  readonly tally: () => Accumulator
  /** What it takes of an event; null for nothing. */
  readonly take: (values: EventValues) => Value
}

/** A window and the part of a tile from which it is made. */
export interface TileWindow {
  readonly plan: WindowPlan
  readonly part: number
}

/** A column of which something is kept. */
export interface KeptColumn {
  readonly name: string
  readonly type: ScalarType
}

export interface TileSchema {
  /** The same for the same aggregations, windows and identity of events: other tiles cannot be read by it. */
  readonly id: string
  /** In the order in which tiles hold them. */
  readonly parts: readonly TilePart[]
  readonly windows: readonly TileWindow[]
  /** What must be known of an event, by name. */
  readonly columns: readonly KeptColumn[]
}

function tallyOf(family: Family, type: ScalarType, n: number): () => Accumulator {
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

type Taken = Pick<WindowPlan, 'column' | 'where'>

/** Of an event as a whole it takes that it was. */
function takeOf({ column, where }: Taken, types: Readonly<Record<string, ScalarType>>): TilePart['take'] {
  const value = (values: EventValues): Value => (column === null ? true : cleaned(values[column]))
  if (where === null) return value
  const isMeant = compileFunction(where, types)
  return values => (isMeant(values) === true ? value(values) : null)
}

function kept({ joinKeys, aggregates }: ViewPlan): readonly KeptColumn[] {
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

function makeShape(view: ViewPlan): TileSchema {
  const columns = kept(view)
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const groups = Map.groupBy(view.aggregates?.windows ?? [], partOf)
  const places = [...groups.keys()]
  const parts = [...groups.values()].flatMap(group => {
    const [one] = group
    if (one === undefined) return []
    const type = one.column === null ? 'bool' : (types[one.column] ?? 'bool')
    const n = Math.max(1, ...group.map(window => window.n))
    return [{ tally: tallyOf(FAMILY[one.aggregation], type, n), take: takeOf(one, types) }]
  })
  const windows = (view.aggregates?.windows ?? []).map(plan => ({ plan, part: places.indexOf(partOf(plan)) }))
  const id = hash('sha256', JSON.stringify(view.aggregates), 'hex').slice(0, ID_LENGTH)
  return { id, parts, windows, columns }
}

const shapes = new WeakMap<ViewPlan, TileSchema>()

/** The shape of a view's tiles, made once. */
export function tileSchema(view: ViewPlan): TileSchema {
  const known = shapes.get(view)
  if (known !== undefined) return known
  const shape = makeShape(view)
  shapes.set(view, shape)
  return shape
}
