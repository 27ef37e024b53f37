import { expect, it } from '@jest/globals'
import { historyBytes, itemBytes, keyBytes } from '../../lib/cost/row-bytes.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { SMALL, sized } from './stores.ts'

const visits = viewOf(SMALL, 'visits@1')

it("an item has its attributes' names and values, by DynamoDB's rule", () => {
  const bytes = {
    pk: 2 + 'visits@1|twelve chars'.length,
    sk: 2 + 'row'.length,
    // 16 digits: a byte for each two of them, and one.
    event_timestamp: 15 + 9,
    created_timestamp: 17 + 9,
    // Two instants and the row hash (arrival and 16 characters), in digits of text.
    row_order: 9 + 18 + 18 + 34,
    visits: 6 + 6,
  }
  expect(itemBytes(visits)).toBe(Object.values(bytes).reduce((a, b) => a + b))
})

it('a row of history has keys, timestamps, a hash and features, compressed', () => {
  expect(keyBytes(visits)).toBe(6 + 2 * 4 + 9)
  expect(historyBytes(visits)).toBe(keyBytes(visits) + 5)
})

it('ten features more take 82 bytes online and 62 offline', () => {
  const [view = visits] = Object.values(sized(1).views)
  // Five floats of nine digits, three whole numbers of ten, two texts of twelve; names of one character.
  expect(itemBytes(view)).toBe(169 - 12 + 5 * (1 + 6) + 3 * (1 + 6) + 2 * (1 + 12))
  expect(historyBytes(view)).toBe(23 + 5 * 7 + 3 * 5 + 2 * 6)
})
