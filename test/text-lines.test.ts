import { describe, expect, it } from '@jest/globals'
import { textLines } from '../lib/text-lines.ts'

async function* cut(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('text lines', () => {
  it.each([1, 2, 3, 7, 1_000])('end at line feeds alone, wherever chunks of %i bytes are cut', async size => {
    const text = '{"a":"x\u2028y\u2029z"}\r\n{"b":"é𝄞"}\n\nlast'
    expect(await Array.fromAsync(textLines(cut(text, size)))).toEqual([
      '{"a":"x\u2028y\u2029z"}',
      '{"b":"é𝄞"}',
      '',
      'last',
    ])
  })

  it('has no line after a final line feed, and none at all in an empty file', async () => {
    expect(await Array.fromAsync(textLines(cut('a\n', 10)))).toEqual(['a'])
    expect(await Array.fromAsync(textLines(cut('', 10)))).toEqual([])
  })

  it.each([[[0x61, 0xff, 0x0a]], [[0x61, 0xc3]]])('refuses bytes %p, which are not UTF-8', async bytes => {
    const chunks = (async function* () {
      yield Uint8Array.from(bytes)
    })()
    await expect(Array.fromAsync(textLines(chunks))).rejects.toThrow(/not valid/)
  })
})
