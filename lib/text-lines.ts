/**
 * Lines of text as JSON lines have them: they end at a line feed, with or without a carriage return before it. Node's
 * readline also ends them at U+2028 and U+2029, which JSON allows within a string.
 *
 * @param chunks UTF-8, cut anywhere
 * @throws {TypeError} for bytes that are not UTF-8
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (
      rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
    ).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield withoutReturn(line)
  }
  rest += decoder.decode()
  if (rest !== '') yield withoutReturn(rest)
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
