/**
 * Values of sources are converted exactly to declared types, or are refused. The engine itself runs each conversion.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Value, ValueType } from '../../../lib/definition/value-types.ts'
import { type DuckDbEngine, openDuckDb } from '../../../lib/local/engine/duckdb-engine.ts'
import { conversion } from '../../../lib/offline/ingest/conversion.ts'
import { literal, quote, timestampText } from '../../../lib/sql/dialect.ts'

let engine: DuckDbEngine
beforeAll(async () => {
  engine = await openDuckDb({ scratch: '.quern/scratch' })
})
afterAll(() => engine.close())

/**
 * The converted value of a source value; `refused`, or `unfit` if its type has no values in common with the declared
 * one.
 */
async function convert(source: string, type: ValueType): Promise<Value | 'refused' | 'unfit'> {
  const [column] = await engine.columns(`select ${source} as v`)
  const made = conversion(engine.dialect, 'v', column?.type ?? '', type)
  if (made === null) return 'unfit'
  const [row] = await engine.rows(
    `select case when ${made.fails ?? 'false'} then null else ${made.value} end as v, ${made.fails ?? 'false'} as fails from (select ${source} as v)`,
  )
  return row?.['fails'] === true ? 'refused' : (row?.['v'] ?? null)
}

describe('conversion', () => {
  it.each<[string, ValueType, Value | 'refused' | 'unfit']>([
    ['2147483648', 'int32', 'refused'],
    ['2147483647::bigint', 'int32', 2147483647],
    ['1.5::double', 'int32', 'refused'],
    ['2.0::double', 'int32', 2],
    ["'nan'::double", 'int64', 'refused'],
    ['9223372036854775808::hugeint', 'int64', 'refused'],
    ["'1.5'", 'int64', 'refused'],
    ["'9007199254740993'", 'int64', 9007199254740993n],
    ["'x'", 'float64', 'refused'],
    ["'1_000'", 'float64', 'refused'],
    ["'-.5e3'", 'float64', -500],
    ["'2024-01-01 23:30:00'", 'date', 'refused'],
    ["'2024-01-01'", 'date', '2024-01-01'],
    ["'2024-01-01 00:00:00.123456789'", 'timestamp', 'refused'],
    ["'2024-01-01 00:00:00.000001000'", 'timestamp', 1_704_067_200_000_001n],
    ['json \'"a"\'', 'string', 'unfit'],
    ["'NaN'", 'float64', Number.NaN],
    ['1e300', 'float32', 'refused'],
    ['0.1', 'float32', Math.fround(0.1)],
    ['1', 'bool', 'unfit'],
    ["'true'", 'bool', true],
    ['1', 'string', 'unfit'],
    ["''", 'string', ''],
    ["'a'", 'bytes', 'unfit'],
    ["timestamptz '2024-01-01 02:00:00+02'", 'timestamp', 1_704_067_200_000_000n],
    ["'2024-01-01T02:00:00+02:00'", 'timestamp', 1_704_067_200_000_000n],
    ["'2024-01-01 00:00:00.000001'", 'timestamp', 1_704_067_200_000_001n],
    ["'soon'", 'timestamp', 'refused'],
    ["timestamp_ns '2024-01-01 00:00:00.000000001'", 'timestamp', 'refused'],
    ["timestamp_ns '2024-01-01 00:00:00.000001'", 'timestamp', 1_704_067_200_000_001n],
    ["timestamp 'infinity'", 'timestamp', 'refused'],
    ["date '2024-01-01'", 'timestamp', 1_704_067_200_000_000n],
    ["timestamp '2024-01-01 01:00:00'", 'date', 'unfit'],
    ["'2024-02-30'", 'date', 'refused'],
    ['[1, 2, null]', 'array<int64>', [1n, 2n, null]],
    ["['a']", 'array<int64>', 'refused'],
    ['[1.5, 2, 3]', 'vector<3>', [1.5, 2, 3]],
    ['[1.5, 2]', 'vector<3>', 'refused'],
    ['[1.5, null, 3]', 'vector<3>', 'refused'],
    ['null::float[]', 'vector<3>', null],
    ["['1', null]", 'array<int32>', [1, null]],
    ['[1.5]', 'array<int32>', 'refused'],
    ['[2147483648]', 'array<int32>', 'refused'],
    ['[1, 2, 3]::float[3]', 'vector<3>', [1, 2, 3]],
    ["[date '2024-01-01']", 'array<timestamp>', [1_704_067_200_000_000n]],
    ['1', 'array<int64>', 'unfit'],
  ])('of %s to %s returns %p', async (source, type, expected) => {
    expect(await convert(source, type)).toEqual(expected)
  })
})

describe('escaping', () => {
  it.each(["it's", '"', "'; drop table x; --", '\\', '', 'é😀', '%', '\n'])(
    'keeps %p as a text and as a name',
    async text => {
      const name = text === '' ? 'x' : text
      const rows = await engine.rows(`select ${literal(text)} as ${quote(name)}`)
      expect(rows).toEqual([{ [name]: text }])
    },
  )

  it.each([0n, -1n, 1n, -62_135_596_800_000_000n, 253_402_300_799_999_999n, -1_000_001n])(
    'keeps the instant %p',
    async micros => {
      const rows = await engine.rows(`select timestamp '${timestampText(micros)}' as t`)
      expect(rows).toEqual([{ t: micros }])
    },
  )
})
