/** Bodies that cost a server much, where it does more than a little for each of their bytes. */
import type { Random } from '../oracle/random.ts'

/** A body of about so many bytes. */
export type Shape = (bytes: number, random: Random) => string

const word = (random: Random, length: number): string =>
  random
    .times(Math.ceil(length / 5), () =>
      random
        .below(36 ** 5)
        .toString(36)
        .padStart(5, '0'),
    )
    .join('')
    .slice(0, length)

/** As many of the parts as fit, with commas between. */
function filled(bytes: number, part: (i: number) => string): string {
  const parts: string[] = []
  for (let [length, i] = [0, 0]; length < bytes; i++) {
    const text = part(i)
    parts.push(text)
    length += text.length + 1
  }
  return parts.join(',')
}

const nested = (bytes: number, open: string, close: string): string => {
  const depth = Math.floor(bytes / (open.length + close.length))
  return `${open.repeat(depth)}1${close.repeat(depth)}`
}

/** Values, each one JSON text of about so many bytes. */
export const VALUES: Readonly<Record<string, Shape>> = {
  'a huge string': bytes => JSON.stringify('x'.repeat(bytes)),
  'a huge string of quotes and backslashes': bytes => JSON.stringify('\\"'.repeat(bytes / 4)),
  'a huge string of colons and at signs': bytes => JSON.stringify(':@'.repeat(bytes / 2)),
  'a huge string beyond ASCII': bytes => JSON.stringify('é\u{1f600}'.repeat(bytes / 6)),
  'a huge string of escapes': bytes => `"${'\\u0041'.repeat(bytes / 6)}"`,
  'a huge string of spaces': bytes => JSON.stringify(' '.repeat(bytes)),
  'a huge text of base64': bytes => JSON.stringify('QUJD'.repeat(bytes / 4)),
  'a huge text of an instant': bytes => JSON.stringify(`2024-01-01T00:00:00.${'0'.repeat(bytes)}Z`),
  'a huge whole number': bytes => '7'.repeat(bytes),
  'a huge negative number': bytes => `-${'7'.repeat(bytes)}`,
  'a huge fraction': bytes => `0.${'7'.repeat(bytes)}`,
  'a huge exponent': bytes => `1e${'7'.repeat(bytes)}`,
  'a huge string of digits': bytes => JSON.stringify('7'.repeat(bytes)),
  'lists in lists': bytes => nested(bytes, '[', ']'),
  'objects in objects': bytes => nested(bytes, '{"a":', '}'),
  'lists in lists beside a long number': bytes => `[12345678901234567,${nested(bytes, '[', ']')}]`,
  'a long list of numbers': bytes => `[${filled(bytes, () => '1')}]`,
  'a long list of long numbers': bytes =>
    `[${filled(bytes, i => String(9_007_199_254_740_993n + BigInt(i)))}]`,
  'a long list of texts': (bytes, random) => `[${filled(bytes, () => JSON.stringify(word(random, 3)))}]`,
  'a long list of empty objects': bytes => `[${filled(bytes, () => '{}')}]`,
  'a long list of nulls': bytes => `[${filled(bytes, () => 'null')}]`,
  'many keys': bytes => `{${filled(bytes, i => `"k${i}":1`)}}`,
  'one key many times': bytes => `{${filled(bytes, () => '"k":1')}}`,
  'keys that are numbers': bytes => `{${filled(bytes, i => `"${i * 7919}":1`)}}`,
  '__proto__ and its kin': bytes =>
    `{${filled(bytes, i => `"${['__proto__', 'constructor', 'prototype', 'toString'][i % 4]}":{"__proto__":[]}`)}}`,
  'a text that breaks off': bytes => `{"a":[${filled(bytes, () => '1')}`,
}

export interface References {
  /** Features that are served, as `view:feature`. */
  readonly valid: readonly string[]
}

const features = (list: string): string => `{"features":[${list}],"entities":{"user":["a"]}}`
const quoted = JSON.stringify

/** Lists of references. */
export const REFERENCES: Readonly<Record<string, (known: References) => Shape>> = {
  'a reference many times': known => bytes => features(filled(bytes, () => quoted(known.valid[0]))),
  'two references in turn': known => bytes =>
    features(filled(bytes, i => quoted(known.valid[i % 2 ? 0 : 999]))),
  'all references again and again': known => bytes =>
    features(filled(bytes, i => quoted(known.valid[i % known.valid.length]))),
  'as many references as are taken': known => bytes =>
    features(filled(Math.min(bytes, 40_000), i => quoted(known.valid[i % known.valid.length]))),
  'references in any order': known => (bytes, random) =>
    features(filled(bytes, () => quoted(random.pick(known.valid)))),
  'references to nothing': () => (bytes, random) => features(filled(bytes, () => quoted(word(random, 12)))),
  'references that are nearly right': known => (bytes, random) =>
    features(filled(bytes, () => quoted(`${random.pick(known.valid)}x`))),
  'references to views that are nearly right': () => (bytes, random) =>
    features(filled(bytes, () => quoted(`view_${word(random, 1)}@9:${word(random, 100)}`))),
  'references of colons': () => bytes => features(filled(bytes, () => quoted(':'.repeat(100)))),
}
