/** The oracle checks the serving path: which features each consumer is refused, sees masked, and sees unmasked. */
import { describe, expect, it } from '@jest/globals'
import { accessCase } from './generate-access.ts'
import { sightOf } from './naive-access.ts'
import { random } from './random.ts'
import { serving } from './serve-access.ts'

const CASES = 80

describe.each(Array.from({ length: CASES }, (_, seed) => seed))('seed %i', seed => {
  const one = accessCase(random(seed))
  const serve = serving(one)
  const rows = one.questions.map(
    ({ consumer, references }) => [consumer.name, references.join(' '), consumer, references] as const,
  )

  it.each(rows)('%s requests %s', async (_name, _asked, consumer, references) => {
    const expected = references.map(reference => sightOf(consumer, one.pii, reference))
    const lacks = references.filter((_, i) => expected[i] === 'nothing')
    const served = await serve(consumer, references)
    expect(served.lacks).toEqual(lacks)
    if (lacks.length > 0) return
    expect(served.sights).toEqual(expected)
    expect(served.answer?.statuses).toMatchObject({
      PRESENT: expected.filter(sight => sight === 'clear').length,
      MASKED: expected.filter(sight => sight === 'masked').length,
    })
  })
})
