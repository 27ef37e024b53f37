/** What a reader sees of a feature's values: the values themselves, or what its mask makes of them. */
import { createHmac } from 'node:crypto'
import type { Value } from '../../definition/value-types.ts'
import type { Mask } from '../../plan/plan.ts'

export interface Masking {
  readonly of: (value: Value) => Value
  /** Of a value that was found, and of null. */
  readonly statuses:
    | { readonly value: 'PRESENT'; readonly null: 'NULL_VALUE' }
    | { readonly value: 'MASKED'; readonly null: 'NULL_VALUE' | 'MASKED' }
}

export const AS_IT_IS: Masking = {
  of: value => value,
  statuses: { value: 'PRESENT', null: 'NULL_VALUE' },
}

/** Does not even tell whether there is a value. */
export const HIDDEN: Masking = { of: () => null, statuses: { value: 'MASKED', null: 'MASKED' } }

/** Of text; null stays null. */
const text = (mask: (text: string) => string): Masking => ({
  of: value => (typeof value === 'string' ? mask(value) : null),
  statuses: { value: 'MASKED', null: 'NULL_VALUE' },
})

/** Of what is shorter, four characters would tell half and more. */
const SHORTEST_SHOWN = 8

/** Counts code points, so that none is cut in two. */
function lastFour(value: string): string {
  const characters = [...value]
  return characters.length < SHORTEST_SHOWN ? '****' : `****${characters.slice(-4).join('')}`
}

export interface MaskSecret {
  /** `view:feature`: equal values of two features have different hashes. */
  readonly reference: string
  /** The environment's. Without it, nobody can find a value by trying all that there are. */
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
