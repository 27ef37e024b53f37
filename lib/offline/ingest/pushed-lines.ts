/**
 * Pushed lines as rows for ingestion. A line is stored as JSON whose fields are all text, in the forms of responses.
 */

import { shapeOf } from '../../definition/value-types.ts'
import type { Column, SourcePlan, StreamPlan, ViewPlan } from '../../plan/plan.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { CREATED, EVENT, ROW_HASH } from '../table.ts'

/** The lines that a view ingests, and the key under which they are stored. */
export interface LinesOfView {
  /** The key of a view, or the name of a stream. */
  readonly key: string
  /** The fields of a line. */
  readonly columns: readonly Column[]
  /** The view to ingest with: a line is a row, created when it arrived. */
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

/** The lines of a view: events if its source is a stream, otherwise rows of the view. */
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

/**
 * SQL that follows FROM: the lines with decoded bytes. All other fields are text, and are converted like those of a
 * source.
 */
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

/** The prefix of batch ids of pushed lines. Batch ids of a source are hashes. */
const PUSHED = 'pushed:'

export const pushedBatch = (hash: string): string => `${PUSHED}${hash}`
export const isPushedBatch = (id: string): boolean => id.startsWith(PUSHED)

/** The same check as SQL, for a column of ids. */
export const isPushedId = (column: string): string => `strpos(${column}, '${PUSHED}') = 1`
