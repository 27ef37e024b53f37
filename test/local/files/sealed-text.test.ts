import { describe, expect, it } from '@jest/globals'
import { opened, sealed } from '../../../lib/local/files/sealed-text.ts'

const CONTENT = { name: 'weather', rows: 12, list: [1, { a: 'é' }], text: 'a "quoted" } brace' }

describe.each([
  ['one line', JSON.stringify(CONTENT)],
  ['several lines', `${JSON.stringify(CONTENT, null, 2)}\n`],
])('a sealed text of %s', (_, text) => {
  it('is JSON with one more member and opens to the original text', () => {
    const { sha256, ...members } = JSON.parse(sealed(text))
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(members).toEqual(CONTENT)
    expect(opened(sealed(text))).toEqual({ state: 'intact', text, generation: 0 })
    expect(opened(sealed(text, 12))).toEqual({ state: 'intact', text, generation: 12 })
    expect(JSON.parse(sealed(text, 12))).toMatchObject({ ...CONTENT, generation: 12 })
  })

  it('never opens to other content when any byte is flipped or the text is truncated anywhere', () => {
    const bytes = Buffer.from(sealed(text))
    const same = (changed: Buffer): boolean => {
      const read = opened(changed.toString('utf8'))
      if (read.state === 'damaged') return true
      const { sha256: _, ...members } = JSON.parse(read.text)
      for (const key of Object.keys(members)) if (!(key in CONTENT)) delete members[key]
      return JSON.stringify(members) === JSON.stringify(CONTENT)
    }
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        expect([at, bit, same(flipped)]).toEqual([at, bit, true])
      }
      expect([at, same(bytes.subarray(0, at))]).toEqual([at, true])
    }
  })
})

it('an unsealed text opens unchanged if it is JSON', () => {
  expect(opened('{"a":1}')).toEqual({ state: 'unsealed', text: '{"a":1}', generation: 0 })
  expect(opened('{"a":')).toEqual({ state: 'damaged' })
  expect(opened('')).toEqual({ state: 'damaged' })
})
