/** The types that a cast may name. */
import type { SqlType } from './select-tree.ts'

export interface AllowedType {
  /** The types that may be cast to it. */
  readonly from: readonly string[]
  readonly note: string
}

export const CASTS: Readonly<Record<string, AllowedType>> = {
  boolean: { from: ['varchar', 'bigint', 'double', 'decimal'], note: 'text: true, t, 1, false, f, 0' },
  tinyint: { from: ['varchar', 'boolean', 'bigint', 'double', 'decimal'], note: 'halves go away from zero' },
  smallint: { from: ['varchar', 'boolean', 'bigint', 'double', 'decimal'], note: 'halves go away from zero' },
  integer: {
    from: ['varchar', 'boolean', 'bigint', 'double', 'decimal'],
    note: 'also int; halves go away from zero',
  },
  bigint: { from: ['varchar', 'boolean', 'bigint', 'double', 'decimal'], note: 'halves go away from zero' },
  double: {
    from: ['varchar', 'boolean', 'bigint', 'decimal', 'double'],
    note: 'text: a number, NaN, Infinity',
  },
  decimal: {
    from: ['varchar', 'boolean', 'bigint', 'decimal', 'double'],
    note: 'with its digits: decimal(10, 2); at most 38, and 18 behind the point',
  },
  varchar: {
    from: ['varchar', 'boolean', 'bigint', 'double', 'decimal', 'date'],
    note: 'a double as 2.5E0; an instant by date_format',
  },
  date: { from: ['varchar', 'timestamp', 'date'], note: 'text: YYYY-MM-DD' },
  timestamp: {
    from: ['varchar', 'timestamp', 'date'],
    note: 'in milliseconds, timestamp(6) in microseconds; text: YYYY-MM-DD, with HH:MM, HH:MM:SS or HH:MM:SS.ffffff behind it',
  },
  array: { from: ['array'], note: 'array(bigint), array(double), array(varchar)' },
}

/** The portable replacement of a type; null if the type is allowed. */
export function typeProblem({ name, numbers, element }: SqlType): string | null {
  if (!(name in CASTS)) return `one of ${Object.keys(CASTS).join(', ')}`
  if (name === 'decimal') {
    const [precision = 0, scale = 0] = numbers
    const isRight =
      numbers.length > 0 &&
      numbers.length <= 2 &&
      precision >= 1 &&
      precision <= 38 &&
      scale <= 18 &&
      scale <= precision
    return isRight ? null : 'decimal(precision, scale), at most 38 and 18'
  }
  if (name === 'timestamp')
    return numbers.length === 0 || (numbers.length === 1 && [3, 6].includes(numbers[0] ?? 0))
      ? null
      : 'timestamp, timestamp(3) or timestamp(6)'
  if (name === 'array')
    return element === null || !['bigint', 'double', 'varchar'].includes(element.name)
      ? 'array(bigint), array(double) or array(varchar)'
      : typeProblem(element)
  return numbers.length === 0 ? null : name === 'varchar' ? 'varchar, and substr(…) to cut it' : name
}
