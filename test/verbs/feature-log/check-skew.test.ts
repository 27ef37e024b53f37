/** The skew check on a real engine and a real store. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../../lambdas/materialization.ts'
import {
  days,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  pick,
} from '../../../lib/definition/index.ts'
import { aslWorkflow } from '../../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../../lib/materialization/state-machine.ts'
import { viewOf } from '../../../lib/plan/plan.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import { checkSkew } from '../../../lib/verbs/feature-log/check-skew.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { findService } from '../../../lib/verbs/tables/open-origin.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'
import { EDGE_ROWS, everyValueStore, FEATURES, questionOf } from '../../support/every-value-store.ts'
import { type MemoryRecords, memoryRecords } from '../../support/memory-records.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const asker = (store: TemporaryStore, records: MemoryRecords) =>
  onlineFeatures({ ...store, recording: { answers: records, share: 1, onOutcome: records.told } })

it('checkSkew finds edge values of every type equal, bit by bit', async () => {
  await using store = await everyValueStore(EDGE_ROWS, server)
  const records = memoryRecords()
  await asker(store, records)(questionOf(EDGE_ROWS))
  await records.settled(1)
  const report = await checkSkew({ ...store, records }, findService(store.plan, 'everything'))
  expect(report).toMatchObject({ answers: 12, equal: 12, otherPlans: 0, unreadable: 0 })
  expect(report.features.map(({ name, compared, equal }) => [name, compared, equal])).toEqual(
    FEATURES.map(({ name }) => [name, 12, 12]),
  )
})

it('checkSkew reports two different values as different, for every type', async () => {
  await using store = await everyValueStore(EDGE_ROWS, server)
  const records = memoryRecords()
  await asker(store, records)(questionOf(EDGE_ROWS))
  await records.settled(1)
  // Each logged response is changed to the previous entity, which has other edge values.
  const ofEntities = records.lines.map(({ line }) => line.split(',"values":'))
  const turned = ofEntities.map(([entity], i) => `${entity},"values":${ofEntities.at(i - 1)?.[1]}`)
  records.lines.splice(0, turned.length, ...turned.map(line => ({ service: 'everything', line })))
  const report = await checkSkew({ ...store, records }, findService(store.plan, 'everything'))
  const different = report.features.map(({ name, compared, equal }) => [name, compared - equal] as const)
  for (const [name, count] of different) expect([name, count > 0]).toEqual([name, true])
  expect(report.equal).toBe(0)
})

const T = Date.UTC(2024, 0, 10)
const HOUR = 3_600_000
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({
  name: 'tills',
  path: 'tills.parquet',
  eventTimestamp: 'at',
  createdTimestamp: 'known_at',
})
const features = { amount: 'int64', mean: 'float64', till: { type: 'string', pii: true } } as const
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features, ttl: days(1) })
const turnover = featureService({ name: 'turnover', features: [sales] })

type Till = readonly [shop: string, atMs: number, knownMs: number, amount: bigint, mean: number]

const write = (store: TemporaryStore, rows: readonly Till[]) =>
  store.writeSource(
    'tills.parquet',
    [
      { name: 'shop', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'known_at', type: 'timestamp' },
      { name: 'amount', type: 'int64' },
      { name: 'mean', type: 'float64' },
      { name: 'till', type: 'string' },
    ],
    rows.map(([name, at, known, amount, mean]) => [
      name,
      microsOf(at),
      microsOf(known),
      amount,
      mean,
      `the till of ${name}`,
    ]),
  )

async function run(store: TemporaryStore, rows: readonly Till[], nowMs: number): Promise<void> {
  store.setNow(nowMs)
  await write(store, rows)
  await ingest(store, viewOf(store.plan, 'sales@1'))
  const input = { views: ['sales@1'], ingest: [], from: null, to: microsOf(nowMs).toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), input)
}

const FIRST: readonly Till[] = [
  ['a', T, T, 9_007_199_254_740_993n, 0.1],
  ['b', T + HOUR, T + HOUR, 2n, 0.2],
]
const ASK = JSON.stringify({ feature_service: 'turnover', entities: { shop: ['a', 'b', "it's"] } })

describe('the skew check of a store that was read several times', () => {
  const service = (store: TemporaryStore) => findService(store.plan, 'turnover')

  it('finds all responses equal to the training set, including expired rows and unknown entities', async () => {
    await using store = await temporaryStore({ definitions: [turnover], server })
    const records = memoryRecords()
    const ask = asker(store, records)
    await run(store, FIRST, T + HOUR)
    for (const at of [T + HOUR, T + 24 * HOUR, T + 24 * HOUR + 1, T + 25 * HOUR, T + 26 * HOUR]) {
      store.setNow(at)
      await ask(ASK)
    }
    await records.settled(5)
    const report = await checkSkew({ ...store, records }, service(store), { batchRows: 4 })
    expect(report).toMatchObject({ answers: 15, equal: 15, otherPlans: 0, unreadable: 0 })
    const values = records.lines.map(({ line }) => JSON.parse(line).values.mean)
    expect(values).toEqual([
      0.1,
      0.2,
      null,
      0.1,
      0.2,
      null,
      null,
      0.2,
      null,
      null,
      0.2,
      null,
      null,
      null,
      null,
    ])
  })

  it('finds no PII in the feature log', async () => {
    await using store = await temporaryStore({ definitions: [turnover], server })
    const records = memoryRecords()
    await run(store, FIRST, T + HOUR)
    await asker(store, records)(ASK)
    await records.settled(1)
    expect(records.lines.map(({ line }) => line).join()).not.toMatch(/till/)
    const { features } = await checkSkew({ ...store, records }, service(store))
    expect(features.map(({ name }) => name)).toEqual(['amount', 'mean'])
  })

  it('reports a row that was stored but not yet online, with both values', async () => {
    await using store = await temporaryStore({ definitions: [turnover], server })
    const records = memoryRecords()
    const ask = asker(store, records)
    await run(store, FIRST, T + HOUR)
    store.setNow(T + 3 * HOUR)
    await ask(ASK)
    await records.settled(1)
    // Created an hour before the response, and written online after it.
    const late: Till = ['b', T + 90 * 60_000, T + 2 * HOUR, 3n, 0.30000000000000004]
    await run(store, [...FIRST, late], T + 4 * HOUR)
    const allowed = await checkSkew({ ...store, records }, service(store), { lookBackMs: HOUR + 1 })
    expect(allowed).toMatchObject({
      ...{ answers: 3, equal: 2, behind: 1 },
      lags: [{ view: 'sales@1', behind: 1, lagMs: { p50: HOUR, p99: HOUR, max: HOUR } }],
      features: [
        { compared: 3, equal: 2, behind: 1, examples: [] },
        { compared: 3, equal: 2, behind: 1, examples: [] },
      ],
    })
    expect(await checkSkew({ ...store, records }, service(store), { lookBackMs: HOUR })).toMatchObject({
      behind: 0,
      lags: [],
    })
    const report = await checkSkew({ ...store, records }, service(store))
    expect(report).toMatchObject({ answers: 3, equal: 2, behind: 0, lags: [] })
    const example = { asked: { shop: 'b' }, instant: '2024-01-10T03:00:00.000000Z' }
    expect(report.features).toEqual([
      {
        name: 'amount',
        type: 'int64',
        compared: 3,
        equal: 2,
        behind: 0,
        examples: [{ ...example, online: '2', offline: '3' }],
      },
      {
        name: 'mean',
        type: 'float64',
        compared: 3,
        equal: 2,
        behind: 0,
        examples: [{ ...example, online: '0.2', offline: '0.30000000000000004' }],
      },
    ])
    expect(await checkSkew({ ...store, records }, service(store), { examples: 0 })).toMatchObject({
      equal: 2,
      features: [{ examples: [] }, { examples: [] }],
    })
  })

  it('ignores rows that were created later, unless asKnown is false', async () => {
    await using store = await temporaryStore({ definitions: [turnover], server })
    const records = memoryRecords()
    const ask = asker(store, records)
    await run(store, FIRST, T + HOUR)
    store.setNow(T + 3 * HOUR)
    await ask(ASK)
    await records.settled(1)
    await run(store, [...FIRST, ['a', T + HOUR, T + 5 * HOUR, 7n, 7]], T + 6 * HOUR)
    expect(await checkSkew({ ...store, records }, service(store))).toMatchObject({ answers: 3, equal: 3 })
    expect(await checkSkew({ ...store, records }, service(store), { asKnown: false })).toMatchObject({
      answers: 3,
      equal: 2,
    })
  })

  it('counts records of another semantic hash and invalid lines, and compares records of equivalent plans', async () => {
    await using store = await temporaryStore({ definitions: [turnover], server })
    const records = memoryRecords()
    await run(store, FIRST, T + HOUR)
    await asker(store, records)(ASK)
    await records.settled(1)
    const [first = { service: '', line: '' }] = records.lines
    records.lines.push({ ...first, line: first.line.slice(0, -5) })
    records.lines.push({ ...first, line: first.line.replace('"shop":"a"', '"shop":null') })
    const described = featureService({ name: 'turnover', description: 'Of a shop', features: [sales] })
    const same = store.under([described])
    expect(same.plan.hash).not.toBe(store.plan.hash)
    expect(await checkSkew({ ...same, records }, service(same))).toMatchObject({
      answers: 3,
      equal: 3,
      otherPlans: 0,
      unreadable: 2,
    })
    const shorter = featureView({ name: 'sales', entities: [shop], source: tills, features, ttl: days(2) })
    const other = store.under([featureService({ name: 'turnover', features: [shorter] })])
    expect(await checkSkew({ ...other, records }, service(other))).toMatchObject({
      answers: 0,
      otherPlans: 3,
      unreadable: 2,
      features: [],
    })
  })
})

describe('derived features', () => {
  const pair = derive({
    name: 'pair',
    inputs: [pick(sales, ['mean'])],
    request: { factor: 'float64', word: 'string' },
    features: x => ({ scaled: x.mean.times(x.factor), shout: x.word.upper() }),
  })
  const scaled = featureService({ name: 'scaled', features: [pair] })
  const told = {
    shop: ['a', 'b', 'a', 'zz', 'a'],
    factor: [3, null, -0, 1, 'Infinity'],
    word: ['x', "it's", null, 'é|', 'a\0b'],
  }

  it('are checked with the request values of the logged request', async () => {
    await using store = await temporaryStore({ definitions: [scaled], server })
    const records = memoryRecords()
    await run(store, FIRST, T + HOUR)
    const body = JSON.stringify({ feature_service: 'scaled', entities: told }).replace(
      '[3,null,0',
      '[3,null,-0.0',
    )
    await asker(store, records)(body)
    await records.settled(1)
    const [first = '', , third = ''] = records.lines.map(({ line }) => line)
    expect(first).toContain(
      '"request":{"factor":3.0,"word":"x"},"values":{"scaled":0.30000000000000004,"shout":"X"}}',
    )
    expect(third).toContain('"request":{"factor":-0.0,"word":null},"values":{"scaled":-0.0,"shout":null}}')
    const service = findService(store.plan, 'scaled')
    expect(await checkSkew({ ...store, records }, service)).toMatchObject({
      answers: 5,
      equal: 5,
      unreadable: 0,
    })
    records.lines.splice(0, 5, { service: 'scaled', line: third.replace('"factor":-0.0', '"factor":0.0') })
    const { features } = await checkSkew({ ...store, records }, service)
    expect(features[0]).toMatchObject({
      equal: 0,
      examples: [{ asked: { shop: 'a', factor: '0.0', word: null }, online: '-0.0', offline: '0.0' }],
    })
  })

  it('that are computed from PII are not logged', async () => {
    const secret = derive({
      name: 'secret',
      inputs: [pick(sales, ['till', 'mean'])],
      features: x => ({ till_length: x.till.length(), half: x.mean.dividedBy(2) }),
    })
    const definitions = [featureService({ name: 'scaled', features: [secret] })]
    await using store = await temporaryStore({ definitions, server })
    const records = memoryRecords()
    await run(store, FIRST, T + HOUR)
    await asker(store, records)(JSON.stringify({ feature_service: 'scaled', entities: { shop: ['a'] } }))
    await records.settled(1)
    expect(records.lines.map(({ line }) => JSON.parse(line).values)).toEqual([{ half: 0.05 }])
  })
})
