/**
 * Converts a JSON value to a cell of a text table: the characters of a string, the digits of a number, or a list as a
 * list of texts.
 */
import { endOfValue, OPEN_LIST, OPEN_OBJECT, QUOTE, skipSpace } from './json-grammar.ts'
import type { Readings } from './readings.ts'

const CLOSE_LIST = 0x5d
const NULL = 0x6e
const TRUE = 0x74
const FALSE = 0x66

export const isNull = (bytes: Uint8Array, at: number): boolean => bytes[at] === NULL
export const isList = (bytes: Uint8Array, at: number): boolean => bytes[at] === OPEN_LIST

/** Adds a value to the readings of its column. */
export function readValue(readings: Readings, bytes: Buffer, from: number, to: number, line: number): void {
  const first = bytes[from]
  if (first === NULL) return
  if (first === TRUE || first === FALSE) readings.addBool()
  else if (first === QUOTE) readings.addString(bytes, from + 1, to - 1, line)
  else if (first === OPEN_OBJECT) readings.addObject()
  else if (first !== OPEN_LIST) readings.addNumber(bytes, from, to, line)
  else {
    const elements = readings.addList()
    for (const [start, end] of elementsOf(bytes, from, to)) readValue(elements, bytes, start, end, line)
  }
}

/** The start and end of each element of a list. */
export function* elementsOf(bytes: Buffer, from: number, to: number): Iterable<readonly [number, number]> {
  for (let at = skipSpace(bytes, from + 1); bytes[at] !== CLOSE_LIST; ) {
    const end = endOfValue(bytes, at, to)
    yield [at, end]
    at = skipSpace(bytes, end)
    if (bytes[at] !== CLOSE_LIST) at = skipSpace(bytes, at + 1)
  }
}

/** The text of a scalar; an object or a list as it is written. Null for null. */
export function scalarText(bytes: Buffer, from: number, to: number): string | null {
  if (bytes[from] === NULL) return null
  const text = bytes.toString('utf8', from, to)
  return bytes[from] === QUOTE ? String(JSON.parse(text)) : text
}

/** A list as JSON whose elements are texts, so that numbers keep their digits. */
export const listText = (bytes: Buffer, from: number, to: number): string =>
  JSON.stringify([...elementsOf(bytes, from, to)].map(([start, end]) => scalarText(bytes, start, end)))
