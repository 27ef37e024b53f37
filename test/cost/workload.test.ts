import { describe, expect, it } from '@jest/globals'
import { workloadOf } from '../../lib/cost/workload.ts'
import { SMALL } from './stores.ts'

it('workloadOf prefers values under a name to values for all, and those to the defaults', () => {
  const workload = workloadOf(
    {
      everyView: { entities: 5, rowsPerDay: 7 },
      views: { 'visits@1': { entities: 9 } },
      everyService: { spineRows: 3 },
    },
    SMALL,
  )
  expect(workload).toEqual({
    views: { 'visits@1': { entities: 9, rowsPerDay: 7, pushedPerDay: 0, historyDays: 365 } },
    services: {
      pair: { requestsPerSecond: 0, rowsPerRequest: 1, cacheHits: 0, trainingSetsPerMonth: 0, spineRows: 3 },
    },
    streams: {},
  })
})

describe('workloadOf names the field of an invalid workload', () => {
  it.each([
    [
      'a view that is not there',
      { views: { 'visit@1': {} } },
      "views.visit@1: there is none of this name; did you mean 'visits@1'?",
    ],
    [
      'a service that is not there',
      { services: { zebra: {} } },
      'services.zebra: there is none of this name; the definitions have: pair',
    ],
    [
      'a stream that is not there',
      { streams: { arrival: {} } },
      'streams.arrival: there is none of this name; the definitions have: none',
    ],
    ['a field that is not there', { everyView: { entitys: 1 } }, /^everyView: .*entitys/],
    ['a count below nothing', { everyView: { entities: -1 } }, /^everyView.entities: .*0/],
    ['a share above all', { services: { pair: { cacheHits: 2 } } }, /^services.pair.cacheHits: .*1/],
    ['a text', { everyService: { spineRows: '1' } }, /^everyService.spineRows: .*number/],
    ['no object', [], /^it: /],
  ])('%s', (_what, json, message) => {
    expect(() => workloadOf(json, SMALL)).toThrow(message)
  })
})
