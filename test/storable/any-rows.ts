/**
 * Random rows near the limits of the store: all types of keys and values, with sizes just below and above the limits.
 */

import { SCALARS, type ScalarType, type Value, type ValueType } from '../../lib/definition/value-types.ts'
import type { Column } from '../../lib/plan/plan.ts'
import { anyValue, EDGE_VALUES } from '../oracle/generate.ts'
import type { Random } from '../oracle/random.ts'

const TYPES = Object.keys(SCALARS) as ScalarType[]
const KEY_TYPES = TYPES.filter(type => SCALARS[type].joinKey)

const FILLERS = ['a', 'é', '漢', '😀', '%', '|', 'e\u0301']

/** Whole numbers and instants at which the number of digits changes, and similar texts. */
const MORE: Partial<Record<ScalarType, readonly Value[]>> = {
  string: ['é', 'e\u0301', '%7C', '|', '%', '\u0000', '\uFFFD', '\u{10FFFF}', 'a\nb', '"'],
  int64: [-1n, 9n, 10n, 9_223_372_036_854_775_806n],
  float64: [1.5, -1.5, 1e21, 9_007_199_254_740_992],
}

const anyScalar = (random: Random, type: ScalarType): Value =>
  random.pick([...EDGE_VALUES[type], ...(MORE[type] ?? [])])

/** A number of bytes near a limit, or a small one. */
const anyLength = (random: Random, limit: number): number =>
  random.chance(0.5) ? Math.max(0, limit + random.below(9) - 5) : random.below(6)

/** A text of at most so many bytes, or a few less. */
function textOf(random: Random, bytes: number): string {
  const filler = random.pick(FILLERS)
  return filler.repeat(Math.floor(bytes / Buffer.byteLength(filler)))
}

export interface AnyRow {
  readonly keys: readonly Value[]
  readonly features: readonly Value[]
}

export interface AnyTable {
  readonly joinKeys: readonly Column[]
  readonly features: readonly Column[]
  readonly rows: readonly AnyRow[]
}

const byName = (columns: readonly Column[]): readonly Column[] =>
  columns.toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** A key in base64 or with escapes needs a third more bytes, or even more. */
function anyKey(random: Random, type: ValueType, limit: number): Value {
  if (type === 'string')
    return random.chance(0.5)
      ? anyScalar(random, type)
      : textOf(random, anyLength(random, random.pick([limit, limit / 3])))
  if (type !== 'bytes') return anyScalar(random, type as ScalarType)
  const length = anyLength(random, random.pick([limit, Math.floor((limit * 3) / 4)]))
  return Uint8Array.from({ length }, () => random.below(256))
}

function anyFeature(random: Random, type: ValueType, limit: number): Value {
  if (random.chance(0.1)) return null
  const isLarge = random.chance(0.3)
  if (type === 'string' && isLarge) return textOf(random, anyLength(random, limit))
  if (type === 'bytes' && isLarge) return new Uint8Array(anyLength(random, limit))
  if (type === 'array<string>' && isLarge) {
    const length = random.pick([3, 100, 2_000])
    // Each element needs one additional byte.
    return Array.from({ length }, () => 'x'.repeat(Math.max(0, Math.floor(limit / length) - 1)))
  }
  return type.startsWith('array') || type.startsWith('vector')
    ? anyValue(random, type)
    : anyScalar(random, type as ScalarType)
}

const NOT_A_NUMBER = Float32Array.from([Number.NaN, -0, Infinity])

/** @param rowLimit large features have about this number of bytes */
export function anyTable(random: Random, rows: number, rowLimit = 400 * 1024 - 500): AnyTable {
  const joinKeys = byName(
    random.times(1 + random.below(3), i => ({
      name: `key_${i}`,
      type: random.chance(0.6) ? random.pick(['string', 'bytes'] as const) : random.pick(KEY_TYPES),
    })),
  )
  const types: readonly ValueType[] = [
    'string',
    'bytes',
    'array<string>',
    'vector<3>',
    ...random.times(4, () => random.pick(TYPES)),
    `array<${random.pick(TYPES)}>`,
  ]
  const features = byName(types.map((type, i) => ({ name: `feature_${i}`, type })))
  const keyLimit = 2048 - 'things@1'.length - joinKeys.length
  const made = random.times(rows, () => ({
    keys: joinKeys.map(({ type }) => anyKey(random, type, keyLimit)),
    features: features.map(({ type }) =>
      type === 'vector<3>' && random.chance(0.5) ? NOT_A_NUMBER : anyFeature(random, type, rowLimit),
    ),
  }))
  return { joinKeys, features, rows: differing(made) }
}

/** One row per entity, because this test compares entry points and not the rule of time. */
function differing(rows: readonly AnyRow[]): readonly AnyRow[] {
  const text = ({ keys }: AnyRow): string =>
    JSON.stringify(keys, (_, key) =>
      typeof key === 'bigint'
        ? `${key}n`
        : key instanceof Uint8Array
          ? Buffer.from(key).toString('hex')
          : key,
    )
  return [...new Map(rows.map(row => [text(row), row])).values()]
}
