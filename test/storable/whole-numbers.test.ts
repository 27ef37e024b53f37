/**
 * All entry points parse a text to the same whole number, or all refuse it. Infinite instants and dates are refused by
 * name.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { conversion } from '../../lib/offline/ingest/conversion.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { parseJson } from '../../lib/online/item/json-value.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { literal } from '../../lib/sql/dialect.ts'
import { type WholeNumberType, wholeNumberOfText } from '../../lib/storable/whole-number.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type Random, random } from '../oracle/random.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const SEEDS = 4
const TEXTS = 100

const thing = entity({ name: 'thing', joinKeys: { id: 'int64' } })
const source = fileSource({ name: 'source', path: 'source.parquet', eventTimestamp: 'at' })
const things = featureView({ name: 'things', entities: [thing], source, features: { day: 'date' } })
const service = featureService({ name: 'all', features: [things] })

let store: TemporaryStore
beforeAll(async () => {
  store = await temporaryStore({ definitions: [service], now: Date.parse('2024-01-02T00:00:00Z') })
})
afterAll(() => store[Symbol.asyncDispose]())

type Outcome = bigint | 'refused'

/** As in a text column of a source or spine. */
async function ofEngine(type: WholeNumberType, texts: readonly string[]): Promise<readonly Outcome[]> {
  const made = conversion(store.engine.dialect, 't', 'VARCHAR', type)
  if (made === null) throw new Error('text becomes no whole number')
  const values = texts.map((text, i) => `(${i}, ${literal(text)})`)
  const rows = await store.engine.rows(
    `select case when ${made.fails} then null else ${made.value} end as v from (values ${values.join(', ')}) s(i, t) order by i`,
  )
  return rows.map(({ v }) => (v === null || v === undefined ? 'refused' : BigInt(v as bigint | number)))
}

async function expectEqual(type: WholeNumberType, texts: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes = await ofEngine(type, texts)
  expect(texts.map(text => [text, wholeNumberOfText(type, text) ?? 'refused'])).toEqual(
    texts.map((text, i) => [text, outcomes[i]]),
  )
  if (type === 'int64') expect(texts.map(text => jsonCodec(type).read(text) ?? 'refused')).toEqual(outcomes)
  return outcomes
}

const MAX = 2n ** 63n - 1n

describe('a text', () => {
  it.each<readonly [string, Outcome]>([
    ['007', 7n],
    ['-0', 0n],
    ['+5', 5n],
    ['-007', -7n],
    [MAX.toString(), MAX],
    [`00${MAX}`, MAX],
    ['9223372036854775808', 'refused'],
    ['-9223372036854775808', -(2n ** 63n)],
    ['-9223372036854775809', 'refused'],
    ['99999999999999999999999999999999999999999999', 'refused'],
    ['1e18', 'refused'],
    ['1.0', 'refused'],
    ['1_000', 'refused'],
    ['0x1F', 'refused'],
    ['', 'refused'],
    [' 1', 'refused'],
    ['1 ', 'refused'],
    ['--1', 'refused'],
    ['１', 'refused'],
  ])('%j is, as int64, %p at every door', async (text, expected) => {
    expect(await expectEqual('int64', [text])).toEqual([expected])
  })

  it('of JSON keeps all digits of its value', () => {
    const read = (json: string) => jsonCodec('int64').read(parseJson(json))
    expect(['9223372036854775807', '-9223372036854775808', '-0', '1.0'].map(read)).toEqual([
      MAX,
      -(2n ** 63n),
      0n,
      1n,
    ])
    expect(['9223372036854775808', '1e18', '9007199254740993.0', '1e400'].map(read)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    )
  })
})

const anyText = ({ pick, below, times }: Random): string =>
  pick(['', '', '-', '+', ' ']) +
  pick(['', '0', '000', '1', '2147483647', '2147483648', '922337203685477580']) +
  times(below(3), () => String(below(10))).join('') +
  pick(['', '', '', '.0', 'e1', '_0', ' '])

describe('generated texts', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => 20_261_210 + i))(
    'are one whole number or none at all doors (seed %i)',
    async seed => {
      const chance = random(seed)
      const texts = chance.times(TEXTS, () => anyText(chance))
      for (const type of ['int32', 'int64'] as const) {
        const outcomes = await expectEqual(type, texts)
        expect(new Set(outcomes.map(outcome => outcome === 'refused')).size).toBe(2)
      }
    },
  )
})

describe('instants and dates beyond the calendar', () => {
  const EDGES = [
    ["timestamp 'infinity'", "date '2024-01-01'"],
    ["timestamp '-infinity'", "date '2024-01-01'"],
    ["timestamp '10000-01-01 00:00:00'", "date '2024-01-01'"],
    ["timestamp '0001-01-01 00:00:00' - interval 1 microsecond", "date '2024-01-01'"],
    ["timestamp '2024-01-01 00:00:00'", "date 'infinity'"],
    ["timestamp '2024-01-01 00:00:00'", "date '-infinity'"],
    ["timestamp '2024-01-01 00:00:00'", "date '10000-01-01'"],
  ] as const
  const rows = EDGES.map(([at, day], i) => `select ${i + 1}::bigint as id, ${at} as at, ${day} as day`)

  it('are refused with their values, and quarantined without the other rows', async () => {
    const good = "select 0::bigint, timestamp '9999-12-31 23:59:59.999999', date '0001-01-01'"
    await store.engine.unload([...rows, good].join(' union all '), `${store.root}/source.parquet`)
    const view = viewOf(store.plan, 'things@1')
    await expect(ingest(store, view)).rejects.toThrow(
      /column event_timestamp \(timestamp\): 4 rows; column day \(date\): 3 rows; such as .*id=5 .*day=infinity \(day\)/,
    )
    expect(await ingest(store, view, { quarantine: true })).toMatchObject({
      added: 1,
      quarantined: { rows: 7 },
    })
  })

  it('are refused in a spine', async () => {
    const all = store.plan.services['all']
    if (all === undefined) throw new Error('the plan has no service')
    for (const [i, [at]] of EDGES.slice(0, 4).entries()) {
      const spine = `spine-${i}.parquet`
      await store.engine.unload(`select 0::bigint as id, ${at} as event_timestamp`, `${store.root}/${spine}`)
      await expect(buildTrainingSet(store, all, { spine })).rejects.toThrow(
        /1 rows are not of their types, .*event_timestamp/,
      )
    }
  })
})
