/** The values of a feature that a consumer sees: the stored values, or the output of its mask. */
import { createHmac } from 'node:crypto'
import type { Value } from '../../definition/value-types.ts'
import type { Mask } from '../../plan/plan.ts'

export interface Masking {
  readonly of: (value: Value) => Value
  /** The statuses of a stored value and of null. */
  readonly statuses:
    | { readonly value: 'PRESENT'; readonly null: 'NULL_VALUE' }
    | { readonly value: 'MASKED'; readonly null: 'NULL_VALUE' | 'MASKED' }
}

export const AS_IT_IS: Masking = {
  of: value => value,
  statuses: { value: 'PRESENT', null: 'NULL_VALUE' },
}

/** Hides the value, and whether there is one. */
export const HIDDEN: Masking = { of: () => null, statuses: { value: 'MASKED', null: 'MASKED' } }

/** Masks text. Null stays null. */
const text = (mask: (text: string) => string): Masking => ({
  of: value => (typeof value === 'string' ? mask(value) : null),
  statuses: { value: 'MASKED', null: 'NULL_VALUE' },
})

/** In shorter texts, four characters would show half of the text or more. */
const SHORTEST_SHOWN = 8

/** Counts code points, so that no character is cut in two. */
function lastFour(value: string): string {
  const characters = [...value]
  return characters.length < SHORTEST_SHOWN ? '****' : `****${characters.slice(-4).join('')}`
}

export interface MaskSecret {
  /** The reference `view:feature`, so that equal values of two features have different hashes. */
  readonly reference: string
  /** The secret of the environment. Without it, the hashes cannot be reversed by trying all values. */
  readonly secret: string
}

export function maskingOf(mask: Mask | null, { reference, secret }: MaskSecret): Masking {
  switch (mask) {
    case null:
      return AS_IT_IS
    case 'null':
      return HIDDEN
    case 'last-four':
      return text(lastFour)
    case 'hash':
      return text(value => createHmac('sha256', secret).update(`${reference}\n${value}`).digest('hex'))
  }
}
