/** Source values convert to declared types exactly or are refused, on Trino as on DuckDB. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Value, ValueType } from '../../lib/definition/value-types.ts'
import { conversion } from '../../lib/offline/ingest/conversion.ts'
import { literal, quote, timestampText } from '../../lib/sql/dialect.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

type Outcome = Value | 'refused' | 'unfit'

/** A source's value, the declared type, what becomes of it. */
const CASES: readonly (readonly [string, ValueType, Outcome])[] = [
  ["bigint '2147483648'", 'int32', 'refused'],
  ["bigint '2147483647'", 'int32', 2147483647],
  ['1.5e0', 'int32', 'refused'],
  ['2.0e0', 'int32', 2],
  ["decimal '1.5'", 'int64', 'refused'],
  ["decimal '2.0'", 'int64', 2n],
  ['nan()', 'int64', 'refused'],
  ["decimal '9223372036854775808'", 'int64', 'refused'],
  ["'1.5'", 'int64', 'refused'],
  ["' 1'", 'int64', 'refused'],
  ["'9007199254740993'", 'int64', 9007199254740993n],
  ["'x'", 'float64', 'refused'],
  ["'NaN'", 'float64', Number.NaN],
  ["'1e400'", 'float64', 'refused'],
  ["'Infinity'", 'float64', Infinity],
  ['1e300', 'float32', 'refused'],
  ["'1e300'", 'float32', 'refused'],
  ['infinity()', 'float32', Infinity],
  ["decimal '0.1'", 'float32', Math.fround(0.1)],
  ['1', 'bool', 'unfit'],
  ["'true'", 'bool', true],
  ['1', 'string', 'unfit'],
  ["''", 'string', ''],
  ["'a'", 'bytes', 'unfit'],
  ["timestamp '2024-01-01 02:00:00.000001 +02:00'", 'timestamp', 1_704_067_200_000_001n],
  ["'2024-01-01T02:00:00+02:00'", 'timestamp', 1_704_067_200_000_000n],
  ["'2024-01-01T00:00:00.000001Z'", 'timestamp', 1_704_067_200_000_001n],
  ["'2024-01-01 00:00:00.000001'", 'timestamp', 1_704_067_200_000_001n],
  ["'2024-01-01 02:00:00.000001+02'", 'timestamp', 1_704_067_200_000_001n],
  ["'2024-01-01 02:00+0200'", 'timestamp', 1_704_067_200_000_000n],
  ["'2024-01-01T00:00Z'", 'timestamp', 1_704_067_200_000_000n],
  ["'2024-01-01 00:00:00 UTC'", 'timestamp', 1_704_067_200_000_000n],
  ["'2024-01-01'", 'timestamp', 1_704_067_200_000_000n],
  ["'2023-12-31T10:00:00.000001000-14:00'", 'timestamp', 1_704_067_200_000_001n],
  ["'0001-01-01T00:00:00Z'", 'timestamp', -62_135_596_800_000_000n],
  ["'soon'", 'timestamp', 'refused'],
  ["'epoch'", 'timestamp', 'refused'],
  ["'2024-01-01T00:00:00+99:00'", 'timestamp', 'refused'],
  ["'2024-01-01T00:00:00 EST'", 'timestamp', 'refused'],
  ["'2024-01-01T24:00:00'", 'timestamp', 'refused'],
  ["'2024-02-30'", 'timestamp', 'refused'],
  ["'2024-01-01T00:00:00.0000001Z'", 'timestamp', 'refused'],
  ["'+007'", 'int64', 7n],
  ["'1e3'", 'int64', 'refused'],
  ["timestamp '2024-01-01 00:00:00.000000001'", 'timestamp', 'refused'],
  ["timestamp '2024-01-01 00:00:00.000001000'", 'timestamp', 1_704_067_200_000_001n],
  ["timestamp '2024-01-01 02:00:00.000000001 +02:00'", 'timestamp', 'refused'],
  ["timestamp '10000-01-01 00:00:00'", 'timestamp', 'refused'],
  ["date '2024-01-01'", 'timestamp', 1_704_067_200_000_000n],
  ["timestamp '2024-01-01 01:00:00'", 'date', 'unfit'],
  ["'2024-02-30'", 'date', 'refused'],
  ['array[1, 2, null]', 'array<int64>', [1n, 2n, null]],
  ["array['a']", 'array<int64>', 'refused'],
  ['array[1.5, 2, 3]', 'vector<3>', [1.5, 2, 3]],
  ['array[1.5, 2]', 'vector<3>', 'refused'],
  ['array[1.5, null, 3]', 'vector<3>', 'refused'],
  ['cast(null as array(real))', 'vector<3>', null],
  ["array['1', null]", 'array<int32>', [1, null]],
  ['array[1.5]', 'array<int32>', 'refused'],
  ['array[2147483648]', 'array<int32>', 'refused'],
  ["array[date '2024-01-01']", 'array<timestamp>', [1_704_067_200_000_000n]],
  ['1', 'array<int64>', 'unfit'],
]

it('a conversion keeps a value exactly or refuses it', async () => {
  const source = `select ${CASES.map(([value], i) => `${value} as v${i}`).join(', ')}`
  const found = await world.engine.columns(source)
  const made = CASES.map(([, type], i) =>
    conversion(world.engine.dialect, `v${i}`, found[i]?.type ?? '', type),
  )
  const columns = made.flatMap((one, i) =>
    one === null
      ? []
      : [
          `case when ${one.fails ?? 'false'} then null else ${one.value} end as c${i}`,
          `${one.fails ?? 'false'} as f${i}`,
        ],
  )
  const [row = {}] = await world.engine.rows(`select ${columns.join(', ')} from (${source}) s`)
  const outcomes = made.map((one, i): Outcome => {
    if (one === null) return 'unfit'
    return row[`f${i}`] === true ? 'refused' : (row[`c${i}`] ?? null)
  })
  const told = (outcome: (i: number) => Outcome) => CASES.map(([value, type], i) => [value, type, outcome(i)])
  expect(told(i => outcomes[i] ?? null)).toEqual(told(i => CASES[i]?.[2] ?? null))
})

it('a conversion keeps awkward texts as values and as names', async () => {
  const awkward = ["it's", '"', "'; drop table x; --", '\\', 'é😀', '%', '\n', '`', '?', '']
  const columns = awkward.map((text, i) => `${literal(text)} as ${quote(`${text}${i}`)}`)
  const rows = await world.engine.rows(`select ${columns.join(', ')}`)
  expect(rows).toEqual([Object.fromEntries(awkward.map((text, i) => [`${text}${i}`, text]))])
})

it('a conversion keeps instants', async () => {
  const instants = [0n, -1n, 1n, -62_135_596_800_000_000n, 253_402_300_799_999_999n, -1_000_001n]
  const columns = instants.map((micros, i) => `timestamp '${timestampText(micros)}' as t${i}`)
  const [row = {}] = await world.engine.rows(`select ${columns.join(', ')}`)
  expect(instants.map((_, i) => row[`t${i}`])).toEqual(instants)
})
