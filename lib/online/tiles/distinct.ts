/**
 * The registers of an approximate distinct count as text. The dense form has one character per register. The sparse
 * form lists only the registers that are set, with two characters for the number and one for the rank.
 */
import { estimate, placeOf, REGISTERS } from '../../semantics/approx-distinct.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { Accumulator } from './accumulator.ts'

/** Characters from here up to `\` need no escape in JSON. The highest rank is 41. */
const ZERO = 48
/** A register number is written as two digits in this base. */
const HALF = 32

const letter = (value: number): string => String.fromCharCode(ZERO + value)

export function distinct(): Accumulator {
  const ranks = new Uint8Array(REGISTERS)
  const raise = (register: number, rank: number): void => {
    if (rank > (ranks[register] ?? rank)) ranks[register] = rank
  }
  return {
    update: value => {
      const { register, rank } = placeOf(String(value))
      raise(register, rank)
    },
    merge: state => mergeText(state, raise),
    serialize: () => textOf(ranks),
    finalize: () => estimate(ranks),
  }
}

function mergeText(state: JsonValue, raise: (register: number, rank: number) => void): void {
  const text = String(state)
  const at = (i: number): number => text.charCodeAt(i) - ZERO
  if (text.length === REGISTERS) for (let i = 0; i < REGISTERS; i++) raise(i, at(i))
  else for (let i = 0; i < text.length; i += 3) raise(at(i) * HALF + at(i + 1), at(i + 2))
}

function textOf(ranks: Uint8Array): string | null {
  const few: string[] = []
  for (let register = 0; register < REGISTERS; register++) {
    const rank = ranks[register] ?? 0
    if (rank > 0) few.push(letter(Math.floor(register / HALF)), letter(register % HALF), letter(rank))
  }
  if (few.length === 0) return null
  // The sparse form has a length that is a multiple of three, and the dense form does not.
  return few.length < REGISTERS ? few.join('') : Array.from(ranks, letter).join('')
}
