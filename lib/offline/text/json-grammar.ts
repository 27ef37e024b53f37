/** The grammar of JSON (RFC 8259) over bytes. It finds where a value ends, and converts nothing. */

/** The bytes are not valid JSON. */
export class NoJson extends Error {}

/** A string contains half of a surrogate pair. */
export class LoneSurrogate extends NoJson {}

/** A string contains `\u0000`. */
export class NulCharacter extends NoJson {}

export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_LIST = 0x5b
export const CLOSE_LIST = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
const BACKSLASH = 0x5c
const MAX_DEPTH = 500

export function skipSpace(bytes: Uint8Array, at: number): number {
  let next = at
  while (bytes[next] === 0x20 || bytes[next] === 0x09 || bytes[next] === 0x0d || bytes[next] === 0x0a) next++
  return next
}

/** @returns the end of the value that starts at `at` */
export function endOfValue(bytes: Uint8Array, at: number, end: number, depth = 0): number {
  switch (bytes[at]) {
    case QUOTE:
      return endOfString(bytes, at, end)
    case OPEN_OBJECT:
      return endOfGroup(bytes, at, end, depth, CLOSE_OBJECT)
    case OPEN_LIST:
      return endOfGroup(bytes, at, end, depth, CLOSE_LIST)
    case 0x74:
      return endOfWord(bytes, at, 'true')
    case 0x66:
      return endOfWord(bytes, at, 'false')
    case 0x6e:
      return endOfWord(bytes, at, 'null')
    default:
      return endOfNumber(bytes, at)
  }
}

function endOfWord(bytes: Uint8Array, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) throw new NoJson()
  return at + word.length
}

/** Objects and lists: members are separated by commas, and members of an object have names. */
function endOfGroup(bytes: Uint8Array, at: number, end: number, depth: number, close: number): number {
  if (depth === MAX_DEPTH) throw new NoJson()
  let next = skipSpace(bytes, at + 1)
  if (bytes[next] === close) return next + 1
  for (;;) {
    if (close === CLOSE_OBJECT) next = afterName(bytes, next, end)
    next = skipSpace(bytes, endOfValue(bytes, next, end, depth + 1))
    if (bytes[next] === close) return next + 1
    if (bytes[next] !== COMMA) throw new NoJson()
    next = skipSpace(bytes, next + 1)
  }
}

/** @returns the start of the value of the member that starts at `at` */
export function afterName(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== QUOTE) throw new NoJson()
  const colon = skipSpace(bytes, endOfString(bytes, at, end))
  if (bytes[colon] !== COLON) throw new NoJson()
  return skipSpace(bytes, colon + 1)
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

function digits(bytes: Uint8Array, at: number): number {
  let next = at
  while (isDigit(bytes[next])) next++
  if (next === at) throw new NoJson()
  return next
}

function endOfNumber(bytes: Uint8Array, at: number): number {
  let next = bytes[at] === 0x2d ? at + 1 : at
  next = bytes[next] === 0x30 ? next + 1 : digits(bytes, next)
  if (bytes[next] === 0x2e) next = digits(bytes, next + 1)
  if (bytes[next] === 0x65 || bytes[next] === 0x45) {
    next++
    if (bytes[next] === 0x2d || bytes[next] === 0x2b) next++
    next = digits(bytes, next)
  }
  return next
}

const ESCAPES = new Set([...'"\\/bfnrt'].map(character => character.charCodeAt(0)))

export function endOfString(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 1
  let high = false
  for (; next < end; next++) {
    const byte = bytes[next] ?? 0
    if (byte < 0x20) throw new NoJson()
    if (byte === BACKSLASH) {
      next++
      if (bytes[next] !== 0x75) {
        if (!ESCAPES.has(bytes[next] ?? 0)) throw new NoJson()
        if (high) throw new LoneSurrogate()
        continue
      }
      high = pairs(hex(bytes, next + 1), high)
      next += 4
      continue
    }
    if (high) throw new LoneSurrogate()
    if (byte === QUOTE) return next + 1
  }
  throw new NoJson()
}

/**
 * Checks one `\u` escape. @returns true if it is the first half of a surrogate pair, so that the second half must
 * follow
 */
function pairs(code: number, afterHigh: boolean): boolean {
  if (code === 0) throw new NulCharacter()
  const isLow = code >= 0xdc00 && code <= 0xdfff
  if (isLow !== afterHigh) throw new LoneSurrogate()
  return code >= 0xd800 && code <= 0xdbff
}

function hex(bytes: Uint8Array, at: number): number {
  const digits = String.fromCharCode(...bytes.subarray(at, at + 4))
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new NoJson()
  return Number.parseInt(digits, 16)
}
