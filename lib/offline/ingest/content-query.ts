/** One hash of a table's rows, made by the engine: equal rows, equal hash, in whatever files they lie. */
import { parseType, type ValueType } from '../../definition/value-types.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'
import { counted, valueText } from '../table.ts'

export interface ContentColumn {
  readonly name: string
  /** A value type; or an engine's own, for columns that nobody declared. */
  readonly type: string
}

/** Hex digits that one sum adds up: as many as a signed 64-bit integer holds. */
const DIGITS = 15

/**
 * A SELECT of `row_count` and `content`: of each row two numbers of 60 bits from its hash, each summed. A sum does not
 * depend on the order of rows; where that is part of the content, one of the columns numbers them. It tells what was
 * changed by accident, not what was forged.
 * @param relation SQL that stands after FROM
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
