import { describe, expect, it } from '@jest/globals'
import { encodeItem, type Item } from '../../../lib/online/item/item.ts'
import { answer } from '../../../lib/online/serving/answer.ts'
import { requestDecoder } from '../../../lib/online/serving/request.ts'
import { plan, weather } from '../plans.ts'

const NOW_MS = 1_700_000_000_000
const NOW = 1_700_000_000_000_000n
const TTL = 3_600_000_000n
const decoder = requestDecoder(plan)
const decode = (body: string) => decoder(body, NOW_MS)

const item = (eventTimestamp: bigint, humid: bigint | null = 7n, temp: number | null = 0.5): Item =>
  encodeItem(weather, {
    keys: ['A'],
    eventTimestamp,
    createdTimestamp: null,
    rowHash: '0',
    features: [humid, temp],
  })

const ask = (items: readonly (Item | undefined)[], more = {}): string => {
  const entities = { airport: items.map((_, i) => `A${i}`) }
  const request = decode(JSON.stringify({ feature_service: 'now', entities, ...more }))
  return answer({ request, items, nowMs: NOW_MS }).text
}

const humid = (...items: (Item | undefined)[]) => JSON.parse(ask(items)).results[1]

describe('a response', () => {
  it('has the join keys first, then the features in the order of the service', () => {
    expect(JSON.parse(ask([item(NOW), undefined]))).toStrictEqual({
      metadata: { feature_names: ['airport', 'humid', 'temp'] },
      results: [
        {
          values: ['A0', 'A1'],
          statuses: ['PRESENT', 'PRESENT'],
          event_timestamps: ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
        },
        {
          values: [7, null],
          statuses: ['PRESENT', 'NOT_FOUND'],
          event_timestamps: ['2023-11-14T22:13:20Z', '1970-01-01T00:00:00Z'],
        },
        {
          values: [0.5, null],
          statuses: ['PRESENT', 'NOT_FOUND'],
          event_timestamps: ['2023-11-14T22:13:20Z', '1970-01-01T00:00:00Z'],
        },
      ],
    })
  })

  it('has full feature names on request', () => {
    const { metadata } = JSON.parse(ask([], { full_feature_names: true }))
    expect(metadata.feature_names).toStrictEqual(['airport', 'weather__humid', 'weather__temp'])
  })

  it('is valid JSON without rows', () => {
    expect(humid()).toStrictEqual({ values: [], statuses: [], event_timestamps: [] })
  })

  it.each([
    ['just true', item(NOW), 'PRESENT', 7],
    ['as old as the ttl', item(NOW - TTL), 'PRESENT', 7],
    ['a microsecond older', item(NOW - TTL - 1n), 'OUTSIDE_MAX_AGE', null],
    ['null', item(NOW, null), 'NULL_VALUE', null],
    ['null, and too old', item(NOW - TTL - 1n, null), 'OUTSIDE_MAX_AGE', null],
    ['not true yet', item(NOW + 1n), 'NOT_FOUND', null],
    ['not there', undefined, 'NOT_FOUND', null],
  ])('has the right status for a value that is %s', (_name, found, status, value) => {
    expect(humid(found)).toMatchObject({ statuses: [status], values: [value] })
  })

  it('has the event timestamp of a row that is older than the TTL', () => {
    expect(humid(item(NOW - TTL - 1n)).event_timestamps).toStrictEqual(['2023-11-14T21:13:19.999999Z'])
  })

  it('has null for a feature that the item does not have yet', () => {
    const { humid: _, ...older } = item(NOW)
    expect(humid(older)).toMatchObject({ statuses: ['NULL_VALUE'], values: [null] })
  })

  it('keeps all digits', () => {
    expect(ask([item(NOW, 9_007_199_254_740_993n, -0)])).toContain('"values":[9007199254740993]')
    expect(ask([item(NOW, 1n, Number.NaN)])).toContain('"values":["NaN"]')
    expect(ask([item(NOW, 1n, -0)])).toContain('"values":[-0.0]')
  })
})
