/**
 * A hash of the rows of a table, computed by the engine. Equal rows give equal hashes, in any files and in any order.
 */
import { parseType, type ValueType } from '../../definition/value-types.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { counted, valueText } from '../table.ts'

export interface ContentColumn {
  readonly name: string
  /** A value type, or the engine's type for columns that are not declared. */
  readonly type: string
}

/** The hex digits of one summand: the most that a signed 64-bit integer holds. */
const DIGITS = 15

/**
 * A SELECT of `row_count` and `content`. The hash of each row gives two numbers of 60 bits, and each is summed over
 * all rows. The sum does not depend on the order of rows. If the order is part of the content, one of the columns
 * must number the rows. The hash detects accidental changes, not forged ones.
 * @param relation SQL that follows FROM
 */
export function contentQuery(dialect: Dialect, relation: string, columns: readonly ContentColumn[]): string {
  const text = columns.map(column => columnText(dialect, column)).join(' || ')
  const sum = (from: number): string =>
    `coalesce(sum(cast(${dialect.hexNumber(`substr(quern_hex, ${from}, ${DIGITS})`)} as decimal(38, 0))), 0)`
  return `select count(*) as row_count, cast(${sum(1)} as varchar) || '-' || cast(${sum(1 + DIGITS)} as varchar) as content
from (select ${dialect.hex(text)} as quern_hex from ${relation} t) h`
}

const columnText = (dialect: Dialect, { name, type }: ContentColumn): string =>
  parseType(type) === undefined
    ? counted(dialect.anyText(type, quote(name)))
    : valueText(dialect, { name, type: type as ValueType })
