import { expect, it } from '@jest/globals'
import { historyBytes, itemBytes, keyBytes } from '../../lib/cost/row-bytes.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { SMALL, sized } from './stores.ts'

const visits = viewOf(SMALL, 'visits@1')

it("an item has the names and values of its attributes, counted by DynamoDB's rule", () => {
  const bytes = {
    pk: 2 + 'visits@1|twelve chars'.length,
    sk: 2 + 'row'.length,
    // 16 digits: one byte for each two digits, plus one.
    event_timestamp: 15 + 9,
    created_timestamp: 17 + 9,
    // Two instants and the row hash (arrival and 16 characters), as text.
    row_order: 9 + 18 + 18 + 34,
    visits: 6 + 6,
  }
  expect(itemBytes(visits)).toBe(Object.values(bytes).reduce((a, b) => a + b))
})

it('a row of the history has keys, timestamps, a hash and features, compressed', () => {
  expect(keyBytes(visits)).toBe(6 + 2 * 4 + 9)
  expect(historyBytes(visits)).toBe(keyBytes(visits) + 5)
})

it('ten more features take 82 bytes online and 62 bytes offline', () => {
  const [view = visits] = Object.values(sized(1).views)
  // Five floats of nine digits, three integers of ten, two texts of twelve; names of one character.
  expect(itemBytes(view)).toBe(169 - 12 + 5 * (1 + 6) + 3 * (1 + 6) + 2 * (1 + 12))
  expect(historyBytes(view)).toBe(23 + 5 * 7 + 3 * 5 + 2 * 6)
})
