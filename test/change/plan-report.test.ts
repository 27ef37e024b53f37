import { describe, expect, it } from '@jest/globals'
import { hours } from 'quern'
import { changesBetween, changesOf } from '../../lib/change/changes.ts'
import { retire } from '../../lib/change/lifecycle.ts'
import { lockOf } from '../../lib/change/lock.ts'
import { planReport } from '../../lib/change/plan-report.ts'
import { lockedAs, planOf, type StoreChange } from '../compiler/changing-store.ts'

function report(was: StoreChange, is: StoreChange) {
  const [before, plan] = [lockedAs(was), planOf(is)]
  return planReport({ changes: changesOf(before, plan), plan, lock: lockOf(plan, before) })
}

const gust: StoreChange = {
  above: true,
  weather: { features: { temp: 'float64', wind: { type: 'string', pii: true }, gust: 'float64' } },
}

describe('the data column', () => {
  it('of a new feature has its column, its backfill, and the effects on views over it', () => {
    expect(report({ above: true }, gust).data).toEqual([
      {
        of: 'above@1',
        table: 'above_v1',
        standing: 'stays',
        columns: [],
        backfill: { columns: [], servingMs: null },
        online: 'new rows',
      },
      {
        of: 'weather@1',
        table: 'weather_v1',
        standing: 'gets columns',
        columns: ['gust float64'],
        backfill: { columns: ['gust'], servingMs: 10_800_000 },
        online: 'new rows',
      },
    ])
  })

  it('of a new version is a new table', () => {
    const next = report({}, { more: weather => [{ ...weather, version: 2, online: false }] })
    expect(next.data).toMatchObject([
      { of: 'weather@2', table: 'weather_v2', standing: 'new', online: 'nothing' },
    ])
    expect(next.data[0]?.columns).toEqual(['temp float64', 'wind string'])
  })

  it.each([
    ['another owner', { weather: { owner: 'bob' } }],
    ['a longer ttl', { weather: { ttl: hours(9) } }],
    ['a refused change', { weather: { ttl: hours(1), transformation: 'select 1 from source' } }],
    ['a service', { service: null }],
  ] as const)('of %s is empty', (_what, is) => {
    expect(report({}, is).data).toEqual([])
  })

  it('of a view that becomes online has the newest row of each entity', () => {
    expect(report({ weather: { online: false } }, {}).data).toMatchObject([
      { standing: 'stays', backfill: null, online: 'all' },
    ])
  })

  it('of a retired version says that its table is kept', () => {
    const before = lockedAs({ above: true })
    const lock = retire(before, 'above@1', { plan: planOf(), on: '2026-01-01' })
    const plan = planOf({}, lock)
    const changes = changesBetween(before, lockOf(plan, lock), new Set(['weather@1']))
    expect(planReport({ changes, plan, lock }).data).toMatchObject([
      { table: 'above_v1', standing: 'kept', backfill: null },
    ])
  })
})

describe('the consumers column', () => {
  it('names affected users and the actions that they must take', () => {
    const { consumers } = report({}, { reader: null, service: null })
    expect(consumers.map(({ who, must }) => [who, must])).toEqual([
      ['callers of service delay', 'ask another service: this one is answered 400 unknown-service'],
      ['consumer reader', 'expect 403 unknown-caller'],
    ])
  })
})
