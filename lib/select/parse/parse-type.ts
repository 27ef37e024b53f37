/** Parses the types that a cast may name. */
import type { SqlType } from '../select-tree.ts'
import type { TokenReader } from './token-reader.ts'

/** Other names of a type in Trino. */
const SYNONYMS: Readonly<Record<string, string>> = { int: 'integer', dec: 'decimal', numeric: 'decimal' }

export function parseType(reader: TokenReader): SqlType {
  const token = reader.peek()
  if (token.kind !== 'word') return reader.refuse('a type')
  reader.take()
  const name = SYNONYMS[token.value] ?? token.value
  if (name === 'array' && reader.accept('(')) {
    const element = parseType(reader)
    reader.expect(')')
    return { name, numbers: [], element }
  }
  if (name === 'double') reader.accept('precision')
  const numbers = reader.accept('(') ? sizes(reader) : []
  if (reader.sees('with', 'time', 'zone')) reader.refuse('timestamp(6), which is UTC')
  if (reader.sees('[')) reader.refuse('array(…)')
  return { name, numbers, element: null }
}

function sizes(reader: TokenReader): readonly number[] {
  const numbers: number[] = []
  do {
    if (reader.peek().kind !== 'number') reader.refuse('a number')
    numbers.push(Number(reader.take().value))
  } while (reader.accept(','))
  reader.expect(')')
  return numbers
}
