/** The feature log: which responses are logged, their content, and that no response waits or fails because of it. */
import { describe, expect, it } from '@jest/globals'
import { encodeItem, type Item } from '../../../lib/online/item/item.ts'
import type { FeatureLogging, ServingContext } from '../../../lib/runtime.ts'
import { rolledOutFeatures } from '../../../lib/verbs/rollout/rolled-out-features.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { CALLERS, guardedPlan, profileView } from '../../online/guarded-store.ts'
import { plan, weather } from '../../online/plans.ts'
import { type MemoryRecords, memoryRecords } from '../../support/memory-records.ts'

const NOW_MS = 1_700_000_000_000
const row = { createdTimestamp: null, rowHash: '', eventTimestamp: 1_700_000_000_000_000n }
const ewr = encodeItem(weather, { ...row, keys: ['EWR'], features: [9_007_199_254_740_993n, Number.NaN] })
const ann = encodeItem(profileView, {
  ...row,
  keys: ['ann'],
  features: [47n, '4111111111111234', 'ann@example.com', 3n],
})
const items = new Map<string, Item>([
  ['weather@1|EWR', ewr],
  ['profile@1|ann', ann],
])

const worldOf = (recording: Partial<FeatureLogging> & Pick<FeatureLogging, 'answers'>): ServingContext => ({
  plan,
  online: {
    read: async keys => keys.map(({ pk }) => items.get(pk)),
    write: async () => ({ written: 0, kept: 0 }),
    compareAndSet: async () => [],
    watermark: async () => null,
    advance: async () => undefined,
    count: async () => 0,
  },
  clock: { now: () => NOW_MS },
  maskSecret: 's'.repeat(32),
  recording: { share: 1, ...recording },
})

const recordingIn = (records: MemoryRecords) => ({ answers: records, onOutcome: records.told })
const ask = (service: string, entities: object): string =>
  JSON.stringify({ feature_service: service, entities })

describe('an answer is recorded', () => {
  it('as a line for each entity, with its instant and with values in the forms of answers', async () => {
    const records = memoryRecords()
    await onlineFeatures(worldOf(recordingIn(records)))(ask('now', { airport: ['EWR', 'JFK'] }))
    await records.settled(1)
    const [first = '', second = ''] = records.lines.map(({ line }) => line)
    const meaning = JSON.parse(first).meaning
    expect(meaning).toMatch(/^[0-9a-f]{64}$/)
    const head = `{"service":"now","plan":"f00d","meaning":"${meaning}","instant":"2023-11-14T22:13:20.000000Z"`
    expect(first).toBe(`${head},"keys":{"airport":"EWR"},"values":{"humid":9007199254740993,"temp":"NaN"}}`)
    expect(second).toBe(`${head},"keys":{"airport":"JFK"},"values":{"humid":null,"temp":null}}`)
    expect(records.outcomes).toEqual([{ recorded: 2 }])
  })

  it('only of a request that was picked, before it was answered', async () => {
    const records = memoryRecords()
    const drawn: number[] = []
    const random = (): number => {
      drawn.push(drawn.length)
      return drawn.length % 4 === 0 ? 0.1 : 0.9
    }
    const answers = onlineFeatures(worldOf({ ...recordingIn(records), share: 0.25, random }))
    for (let i = 0; i < 8; i++) await answers(ask('now', { airport: ['EWR'] }))
    await expect(answers('{')).rejects.toThrow()
    await records.settled(2)
    expect([records.lines.length, drawn.length]).toEqual([2, 9])
  })

  it('never where the share is 0', async () => {
    const random = (): number => {
      throw new Error('nobody draws')
    }
    const world = worldOf({ ...recordingIn(memoryRecords()), share: 0, random })
    await expect(onlineFeatures(world)(ask('now', { airport: ['EWR'] }))).resolves.toMatchObject({ rows: 1 })
  })

  it('not of features that are asked for without a service', async () => {
    const records = memoryRecords()
    const body = JSON.stringify({ features: ['weather:temp'], entities: { airport: ['EWR'] } })
    await onlineFeatures(worldOf(recordingIn(records)))(body)
    await records.settled(1)
    expect([records.lines, records.outcomes]).toEqual([[], [{ recorded: 0 }]])
  })

  it('not for who sees masks, and for nobody with personal data', async () => {
    const records = memoryRecords()
    const answers = onlineFeatures({ ...worldOf(recordingIn(records)), plan: guardedPlan })
    const body = ask('approval', { person: ['ann'] })
    await expect(answers(body, CALLERS.scorer)).resolves.toMatchObject({ consumer: 'scorer' })
    await records.settled(1)
    expect(records.lines).toEqual([])
  })

  it('after it is out, and without it if it cannot be laid down', async () => {
    const records = memoryRecords()
    let laid = 0
    const lay = async () => {
      laid++
      throw new Error('the place is full')
    }
    const answers = onlineFeatures(worldOf({ ...recordingIn(records), answers: { append: lay } }))
    const { text } = await answers(ask('now', { airport: ['EWR'] }))
    expect([text, laid]).toEqual([expect.stringContaining('9007199254740993'), 0])
    await records.settled(1)
    expect([laid, records.outcomes]).toEqual([1, [{ failed: 1, error: new Error('the place is full') }]])
  })

  it('up to 32 at a time, so that a slow place piles nothing up', async () => {
    const records = memoryRecords()
    let open = (): void => undefined
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    const answers = onlineFeatures(worldOf({ ...recordingIn(records), answers: { append: () => opened } }))
    for (let i = 0; i < 40; i++) await answers(ask('now', { airport: ['EWR'] }))
    expect(records.outcomes).toEqual(Array.from({ length: 8 }, () => ({ skipped: 1 })))
    open()
    await records.settled(40)
    expect(records.outcomes.filter(outcome => 'recorded' in outcome)).toHaveLength(32)
  })

  it('under a rollout as what answered each entity', async () => {
    const records = memoryRecords()
    const other = { ...plan, hash: 'cafe' }
    const variants = [
      { name: 'candidate', plan: 'cafe', percent: 50 },
      { name: 'stable', plan: 'f00d', percent: 50 },
    ]
    const rollout = {
      format: 1,
      service: 'now',
      started: '2026-01-01T00:00:00Z',
      variants,
      shadow: null,
      previous: null,
    } as const
    const plans = new Map([plan, other].map(one => [one.hash, one]))
    const rollouts = { current: () => new Map([['now', { rollout, plans }]]) }
    const answers = rolledOutFeatures({ ...worldOf(recordingIn(records)), rollouts })
    const airport = Array.from({ length: 40 }, (_, i) => `A${i}`)
    const { text } = await answers(ask('now', { airport }))
    await records.settled(1)
    const byAirport = new Map(
      records.lines.map(({ line }) => [JSON.parse(line).keys.airport, JSON.parse(line).plan]),
    )
    const names = { cafe: 'candidate', f00d: 'stable' } as const
    expect(JSON.parse(text).metadata.variants).toEqual(
      airport.map(one => names[byAirport.get(one) as keyof typeof names]),
    )
    expect(new Set(byAirport.values()).size).toBe(2)
  })
})
