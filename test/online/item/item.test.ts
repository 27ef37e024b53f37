import { describe, expect, it } from '@jest/globals'
import {
  encodeItem,
  eventTimestampOf,
  itemCodec,
  itemKey,
  keyOfItem,
  rowOrderOf,
} from '../../../lib/online/item/item.ts'
import { rowOrder } from '../../../lib/semantics/point-in-time.ts'
import { route, weather } from '../plans.ts'

const times = { eventTimestamp: 1_000_001n, createdTimestamp: 2n, rowHash: '0123456789abcdef' }
const row = { ...times, keys: ['EWR'], features: [9_007_199_254_740_993n, null] }

describe('an online item', () => {
  it('has the key, the timestamps and each feature as an attribute', () => {
    expect(encodeItem(weather, row)).toStrictEqual({
      pk: { S: 'weather@1|EWR' },
      sk: { S: 'row' },
      event_timestamp: { N: '1000001' },
      created_timestamp: { N: '2' },
      row_order: { S: rowOrder(times) },
      expires_at: { N: '3602' },
      humid: { N: '9007199254740993' },
      temp: { NULL: true },
    })
  })

  it('has no expiry without a TTL, and null for an unknown created timestamp', () => {
    const item = encodeItem(route, {
      ...row,
      createdTimestamp: null,
      keys: ['LAX', 7n, 'EWR'],
      features: [true],
    })
    expect(item).not.toHaveProperty('expires_at')
    expect(item['created_timestamp']).toStrictEqual({ NULL: true })
  })

  it.each([
    [0n, '3600'],
    [1n, '3601'],
    [-1n, '3600'],
    [-3_600_000_000n, '0'],
    [-3_600_500_000n, '0'],
    [-3_601_000_001n, '-1'],
  ])('expires at the first whole second that is not before event + ttl: %s', (eventTimestamp, seconds) => {
    expect(encodeItem(weather, { ...row, eventTimestamp })['expires_at']).toStrictEqual({ N: seconds })
  })

  it('has a key, an event timestamp and a row order to read', () => {
    const item = encodeItem(weather, row)
    expect(keyOfItem(item)).toStrictEqual(itemKey(weather, ['EWR']))
    expect(eventTimestampOf(item)).toBe(1_000_001n)
    expect(rowOrderOf(item)).toBe(rowOrder(times))
  })

  it('uses one codec per view', () => {
    expect(itemCodec(weather)).toBe(itemCodec(weather))
  })
})
