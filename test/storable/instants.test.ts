/**
 * All entry points parse a text to the same instant, or all refuse it: the command line, JSON, and text columns in an
 * engine.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseInstant } from '../../lib/cli/arguments/instant.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { conversion } from '../../lib/offline/ingest/conversion.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { literal } from '../../lib/sql/dialect.ts'
import { type Random, random } from '../oracle/random.ts'

const SEEDS = 8
const TEXTS = 150

let engine: DuckDbEngine
beforeAll(async () => {
  engine = await openDuckDb({ scratch: '.quern/scratch' })
})
afterAll(() => engine.close())

type Outcome = bigint | 'refused'

/** Parses texts with the engine, as in a column of a source or spine. */
async function ofEngine(texts: readonly string[]): Promise<readonly Outcome[]> {
  const made = conversion(engine.dialect, 't', 'VARCHAR', 'timestamp')
  if (made === null) throw new Error('text becomes no timestamp')
  const values = texts.map((text, i) => `(${i}, ${literal(text)})`)
  const rows = await engine.rows(
    `select case when ${made.fails} then null else ${made.value} end as v from (values ${values.join(', ')}) s(i, t) order by i`,
  )
  return rows.map(({ v }) => (typeof v === 'bigint' ? v : 'refused'))
}

function ofCommandLine(text: string): Outcome {
  try {
    return parseInstant(text, '--now')
  } catch {
    return 'refused'
  }
}

function ofJson(text: string): Outcome {
  const value = jsonCodec('timestamp').read(text)
  return typeof value === 'bigint' ? value : 'refused'
}

async function expectEqual(texts: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes = await ofEngine(texts)
  const pairs = (of: (text: string, i: number) => Outcome) => texts.map((text, i) => [text, of(text, i)])
  expect(pairs(ofCommandLine)).toEqual(pairs((_, i) => outcomes[i] ?? 'refused'))
  expect(pairs(ofJson)).toEqual(pairs((_, i) => outcomes[i] ?? 'refused'))
  return outcomes
}

const NEW_YEAR = 1_704_067_200_000_000n
const HOUR = 3_600_000_000n

describe('a text', () => {
  it.each<readonly [string, Outcome]>([
    ['2024-01-01', NEW_YEAR],
    ['2024-01-01 00:00', NEW_YEAR],
    ['2024-01-01T00:00Z', NEW_YEAR],
    ['2024-01-01T00:00:00', NEW_YEAR],
    ['2024-01-01 00:00:00 UTC', NEW_YEAR],

    ['2024-01-01T01:00+01', NEW_YEAR],
    ['2024-01-01T01:00:00+0100', NEW_YEAR],
    ['2024-01-01T01:00:00.000001+01:00', NEW_YEAR + 1n],
    ['2023-12-31T10:00:00-14:00', NEW_YEAR],
    ['2024-01-01T00:00:00.000001000', NEW_YEAR + 1n],
    ['0001-01-01', -62_135_596_800_000_000n],
    ['0001-01-01T01:00:00+01:00', -62_135_596_800_000_000n],
    ['9999-12-31T23:59:59.999999Z', 253_402_300_799_999_999n],
    ['2024-02-29T01:00:00Z', NEW_YEAR + (59n * 24n + 1n) * HOUR],
  ])('%s is an instant at every door', async (text, instant) => {
    expect(await expectEqual([text])).toEqual([instant])
  })

  it.each([
    'epoch',
    'infinity',
    '-infinity',
    'now',
    'today',
    '',
    ' 2024-01-01',
    '2024-01-01 ',
    '2024-01-01\n',
    '2024-01-01T00:00:00+99:00',
    '2024-01-01T00:00:00+14:01',
    '2024-01-01T00:00:00+15:00',
    '2024-01-01T24:00:00',
    '2024-01-01T23:59:60',
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-01',
    '0000-12-31',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01',
    '+2024-01-01',
    '2024-1-1',
    '2024/01/05',
    '01/05/2024',
    '20240105',
    '2024-01-01Z',
    '2024-01-01T1:00',
    '2024-01-01T10',
    '2024-01-01T10:00:00.0000001Z',
    '2024-01-01T10:00:00.',
    '2024-01-01T10:00:00 EST',
    '2024-01-01T10:00:00 America/New_York',
    '2024-01-01t10:00:00z',
    '2024-01-01T10:00:00,5',
    '1704067200',
    '２０２４-01-01',
    '2024-01-01 (BC)',
    '2024-01-01T00:00:00UTC',
  ])('%j is none at any door', async text => {
    expect(await expectEqual([text])).toEqual(['refused'])
  })
})

const PIECES = {
  day: ['2024-01-05', '2024-02-29', '2023-02-29', '0001-01-01', '9999-12-31', '0000-01-01', '2024-04-31'],
  between: ['T', ' ', '', 't', '  '],
  time: ['00:00', '23:59', '24:00', '12:30:45', '12:30:60', '7:00', '00:00:00'],
  fraction: ['', '', '.5', '.123456', '.1234567', '.1234560', '.'],
  zone: [
    '',
    'Z',
    ' UTC',
    '+00',
    '-0330',
    '+05:45',
    '+14',
    '+14:30',
    '-13:59',
    '+99:00',
    ' Z',
    'EST',
    '+1',
    'z',
  ],
}

const anyText = ({ pick, chance }: Random): string =>
  pick(PIECES.day) +
  (chance(0.15) ? '' : pick(PIECES.between) + pick(PIECES.time) + pick(PIECES.fraction)) +
  pick(PIECES.zone)

describe('generated texts', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => 20_261_130 + i))(
    'are one instant or none at all doors (seed %i)',
    async seed => {
      const chance = random(seed)
      const outcomes = await expectEqual(chance.times(TEXTS, () => anyText(chance)))
      expect(outcomes.some(outcome => outcome === 'refused')).toBe(true)
      expect(outcomes.some(outcome => outcome !== 'refused')).toBe(true)
    },
  )
})
