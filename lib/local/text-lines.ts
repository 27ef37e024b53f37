/** The lines of a text. Only a line feed ends one: JSON may hold all other line separators as they are. */
import type { Readable } from 'node:stream'

export async function* textLines(input: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const part of input.setEncoding('utf8')) {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.replace(/\r$/, '')
  }
  if (rest !== '') yield rest
}
