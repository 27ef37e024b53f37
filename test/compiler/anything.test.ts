import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compile } from '../../lib/compiler/compile.ts'
import { CompileError } from '../../lib/compiler/diagnostics/diagnostics.ts'
import { all } from './example.ts'

/** The diagnostics of a compilation. Any other error is thrown. */
function mistakesOf(definitions: readonly unknown[]): number {
  try {
    compile(definitions)
    return 0
  } catch (error) {
    if (error instanceof CompileError) return error.mistakes.length
    throw error
  }
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withTypedArray: true,
})
const place = fc.constantFrom(
  ...all.flatMap(definition =>
    Object.keys(definition)
      .filter(key => key !== 'kind')
      .map(key => ({ definition, key })),
  ),
)

it('the compiler returns a plan or diagnostics for any value in any field, and throws no other error', () => {
  fc.assert(
    fc.property(place, anything, ({ definition, key }, value) => {
      expect(mistakesOf([{ ...definition, [key]: value }])).toBeGreaterThanOrEqual(0)
    }),
    { seed: 7, numRuns: 2_000 },
  )
})

it('the compiler returns a plan or diagnostics for any values in the fields of a pick', () => {
  const fields = fc.record({
    view: anything,
    features: anything,
    alias: anything,
    joinKeys: anything,
    rename: anything,
  })
  fc.assert(
    fc.property(fields, fc.boolean(), (pick, real) => {
      const [service] = all.slice(-1)
      const member = { kind: 'pick', ...pick, ...(real ? { view: all[4] } : {}) }
      expect(mistakesOf([{ ...service, features: [member] }])).toBeGreaterThan(0)
    }),
    { seed: 7, numRuns: 500 },
  )
})

it('the compiler treats no property of Object.prototype as a definition', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    expect(
      mistakesOf([
        { kind: 'viewSource', view: name },
        { ...all[5], source: { kind: 'viewSource', view: name } },
      ]),
    ).toBe(1)
})
