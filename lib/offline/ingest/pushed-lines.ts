/** Pushed lines as rows that a view takes in: what lies as JSON, each field text, in the forms of answers. */

import { shapeOf } from '../../definition/value-types.ts'
import type { Column, SourcePlan, StreamPlan, ViewPlan } from '../../plan/plan.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { CREATED, EVENT, ROW_HASH } from '../table.ts'

/** Lines that a view takes in, by the key under which they lie. */
export interface LinesOfView {
  /** A view's key, or a stream's name. */
  readonly key: string
  /** Fields of a line. */
  readonly columns: readonly Column[]
  /** The view as it takes them: a line is a row, known since it arrived. */
  readonly view: ViewPlan
}

const OWN: readonly Column[] = [
  { name: CREATED, type: 'timestamp' },
  { name: ROW_HASH, type: 'string' },
]

/** The fields of a view's pushed rows. */
export const lineColumns = (view: ViewPlan): readonly Column[] => [
  ...view.joinKeys,
  { name: EVENT, type: 'timestamp' },
  ...OWN,
  ...view.features.map(({ name, type }) => ({ name, type })),
]

/** The fields of a stream's pushed events. */
export const eventLineColumns = (stream: StreamPlan): readonly Column[] => [...stream.columns, ...OWN]

/** What is pushed for a view: events, where its source is a stream, and otherwise rows of its own. */
export function linesOf(view: ViewPlan, source: SourcePlan | null): LinesOfView {
  const stream = source?.kind === 'stream' ? source : null
  return {
    key: stream?.name ?? view.key,
    columns: stream === null ? lineColumns(view) : eventLineColumns(stream),
    view: {
      ...view,
      transformation: null,
      eventTimestamp: stream === null ? EVENT : view.eventTimestamp,
      createdTimestamp: CREATED,
    },
  }
}

/** SQL that stands after FROM: lines with their bytes decoded; all else is text, which is converted as a source's is. */
export function decodedLines(dialect: Dialect, columns: readonly Column[], lines: string): string {
  const select = columns.map(column => `${decoded(dialect, column)} as ${quote(column.name)}`)
  return `(select ${select.join(', ')} from ${lines} l)`
}

function decoded(dialect: Dialect, { name, type }: Column): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar' && shape.scalar === 'bytes') return `from_base64(${quote(name)})`
  if (shape.kind === 'array' && shape.element === 'bytes')
    return dialect.mapList(quote(name), 'e', 'from_base64(e)')
  return quote(name)
}

/** Ids of batches of pushed lines begin so; those of a view's own source are hashes. */
const PUSHED = 'pushed:'

export const pushedBatch = (hash: string): string => `${PUSHED}${hash}`
export const isPushedBatch = (id: string): boolean => id.startsWith(PUSHED)

/** The same of a column of ids, as SQL. */
export const isPushedId = (column: string): string => `strpos(${column}, '${PUSHED}') = 1`
