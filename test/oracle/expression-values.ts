/** Values at the limits of each type, where engines are most likely to differ. */
import type { ColumnType, ExpressionType } from '../../lib/definition/expression-data.ts'
import type { Value } from '../../lib/definition/value-types.ts'

const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n

const INT64: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 3n, -7n, 15n, 1_000_003n],
  ...[2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n],
  ...[3_037_000_500n, -3_037_000_500n, 2n ** 62n, 9_223_372_036_854_775_295n],
  ...[2n ** 63n - 1n, 2n ** 63n - 2n, -(2n ** 63n), -(2n ** 63n) + 1n],
]

const FLOAT64: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 0.1, 0.2, 0.3, -0.3, 1 / 3, 1e21, 1e-7],
  ...[0.49999999999999994, -0.49999999999999994, 4503599627370495.5, 4503599627370497],
  ...[
    5e-324, -5e-324, 2.2250738585072014e-308, 1e-300, 1e300, 1.7976931348623157e308, -1.7976931348623157e308,
  ],
  ...[2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 53 + 2, 2 ** 63, -(2 ** 63), 2 ** 63 - 1024, -(2 ** 63) - 2048],
  ...[Number.NaN, Infinity, -Infinity],
]

const STRING: readonly string[] = [
  ...['', ' ', 'a', 'A', 'Z', '[', 'z', '{', 'abc', 'ABC', 'abcabc', 'bc', 'aZ09_%', "it's", '\\', '%', '\n'],
  ...['é', 'e\u0301', 'ÀÉÎ', 'straße', 'İı', 'ΣΑΣ', '\ufb01', '\u200d', '\u0301', 'a\0b', '\0'],
  ...['\ue000', '\uffff', '\ufffd', '😀', 'a😀bc', '😀😁', '\u{10ffff}', '👩‍👩‍👧', '𝒜'],
]

const TIMESTAMP: readonly bigint[] = [
  ...[0n, 1n, -1n, 999n, -999n, -1_000n, -1_001n, 1_000_000n, -1_000_001n],
  ...[micros('0001-01-01T00:00:00Z'), micros('0001-01-01T00:00:00Z') + 1n, micros('0004-02-29T12:30:45Z')],
  ...[
    micros('9999-12-31T23:59:59.999Z') + 999n,
    micros('1582-10-10T00:00:00Z'),
    micros('1899-12-31T23:59:59Z'),
  ],
  ...[micros('1900-02-28T23:59:59.999Z'), micros('1900-03-01T00:00:00Z'), micros('2000-02-29T00:00:00Z')],
  ...[
    micros('2024-02-29T23:59:59.999Z') + 999n,
    micros('2024-12-31T00:00:00Z'),
    micros('2023-12-31T12:00:00Z'),
  ],
  ...[micros('2024-03-31T01:30:00Z'), micros('2024-01-07T06:07:08.009Z') + 10n],
]

export const EDGES: Readonly<Record<ExpressionType, readonly Value[]>> = {
  bool: [null, true, false],
  int64: [null, ...INT64],
  float64: [null, ...FLOAT64],
  string: [null, ...STRING],
  timestamp: [null, ...TIMESTAMP],
}

/** The same for types that only columns have. */
export const COLUMN_EDGES: Readonly<Record<ColumnType, readonly Value[]>> = {
  ...EDGES,
  int32: [null, 0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)],
  float32: [
    ...[null, 0, -0, 1, -2.5, Math.fround(0.1), Math.fround(1.401298464324817e-45), Math.fround(3.4e38)],
    ...[Number.NaN, Infinity, -Infinity],
  ],
  date: [
    null,
    '0001-01-01',
    '1582-10-10',
    '1969-12-31',
    '1970-01-01',
    '2000-02-29',
    '2024-02-29',
    '9999-12-31',
  ],
}

/** Fewer values, for operators with three arguments. */
export const FEW: Readonly<Record<ExpressionType, readonly Value[]>> = {
  bool: EDGES.bool,
  int64: [
    null,
    0n,
    1n,
    2n,
    -1n,
    4n,
    2024n,
    300_000n,
    2_147_483_647n,
    2_147_483_648n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ],
  float64: [null, 0, -0, 1.5, 5e-324, Number.NaN, Infinity, 1.7976931348623157e308],
  string: [null, '', 'a', 'abc', 'a😀bc', 'e\u0301x', '😀', 'a\0b'],
  timestamp: [null, 0n, -1n, micros('2024-02-29T23:59:59.999Z') + 999n],
}

/** Literals are never NaN or infinite. */
export const isLiteral = (value: Value): boolean => typeof value !== 'number' || Number.isFinite(value)
