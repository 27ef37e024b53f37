/**
 * A user's SELECT gives the same values on DuckDB as on Trino, or is refused. The tests cover each function over edge
 * cases of its types, each operator, each cast, and generated SELECTs. QUERN_RECORD=1 writes the values that
 * test/select/values.test.ts uses without Trino.
 */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { random } from '../oracle/random.ts'
import { localRows, type Plain, trinoRows } from '../select/both-engines.ts'
import { EDGE_CASES } from '../select/edge-cases.ts'
import { generateSelect } from '../select/generate-selects.ts'
import { WRITTEN_EXPRESSIONS } from '../select/written-expressions.ts'
import { WRITTEN_SELECTS } from '../select/written-selects.ts'
import type { Lane } from './lane.ts'
import { runStatement } from './trino-client.ts'

const { trino: url } = JSON.parse(process.env['QUERN_LANE'] ?? '{}') as Pick<Lane, 'trino'>
const props = { url, catalog: 'system', schema: 'runtime', session: '', signal: new AbortController().signal }
const ask = async (sql: string): Promise<readonly (readonly Plain[])[]> =>
  trinoRows(await runStatement(sql, props))

let engine: DuckDbEngine
let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'quern-selects-'))
  engine = await openDuckDb({ scratch })
})
afterAll(async () => {
  engine.close()
  await rm(scratch, { recursive: true })
})

/** Values on Trino; null if the expression fails. Expressions that Trino rejects are queried one by one. */
async function trinoValues(expressions: readonly string[]): Promise<readonly Plain[]> {
  if (expressions.length === 0) return []
  try {
    const [row = []] = await ask(`select ${expressions.map((each, i) => `try(${each}) as c${i}`).join(', ')}`)
    return row
  } catch {
    if (expressions.length === 1) return [null]
    const half = expressions.length >> 1
    return [
      ...(await trinoValues(expressions.slice(0, half))),
      ...(await trinoValues(expressions.slice(half))),
    ]
  }
}

interface Taken {
  readonly expression: string
  readonly local: Plain
}

/** The expressions that DuckDB does not refuse. */
async function taken(expressions: readonly string[]): Promise<readonly Taken[]> {
  const found: Taken[] = []
  for (const expression of expressions) {
    const rows = await localRows(engine, `select ${expression}`)
    if (!('refused' in rows)) found.push({ expression, local: rows[0]?.[0] ?? null })
  }
  return found
}

const BATCH = 60
const recorded: Record<string, Plain> = {}

/** Trino merges the constants 0 and -0 of one query. */
const unsigned = (value: Plain): Plain => (value === '-0E0' ? '0E0' : value)

describe('each supported expression over edge cases of its types', () => {
  it.each(Object.entries({ ...EDGE_CASES, ...WRITTEN_EXPRESSIONS }))(
    '%s has Trino’s value, or is refused',
    async (_, expressions) => {
      const here = await taken(expressions)
      const differences: unknown[] = []
      for (let i = 0; i < here.length; i += BATCH) {
        const part = here.slice(i, i + BATCH)
        const there = await trinoValues(part.map(({ expression }) => expression))
        for (const [j, { expression, local }] of part.entries()) {
          const trino = unsigned(there[j] ?? null)
          if (JSON.stringify(unsigned(local)) !== JSON.stringify(trino))
            differences.push({ expression, local, trino })
          else recorded[expression] = trino
        }
      }
      expect(differences).toEqual([])
      expect(here.length).toBeGreaterThan(0)
    },
  )
})

/** Runs a few concurrently, because each query mostly waits. */
const AT_ONCE = 4

describe('SELECTs as engineers write them', () => {
  it.each(Object.entries(WRITTEN_SELECTS))('%s give the same rows', async (_, selects) => {
    for (let i = 0; i < selects.length; i += AT_ONCE) {
      const part = selects.slice(i, i + AT_ONCE)
      const there = await Promise.all(part.map(ask))
      for (const [j, sql] of part.entries()) {
        expect({ sql, rows: await localRows(engine, sql) }).toEqual({ sql, rows: there[j] })
        recorded[sql] = JSON.stringify(there[j])
      }
    }
  })
})

describe('generated SELECTs', () => {
  it.each(Array.from({ length: 300 }, (_, seed) => seed))('seed %i gives the same rows', async seed => {
    const sql = generateSelect(random(seed))
    const local = await localRows(engine, sql)
    const trino = await ask(sql).catch((error: unknown) => ({ refused: String(error) }))
    if (!('refused' in local)) expect({ sql, rows: local }).toEqual({ sql, rows: trino })
    if (!('refused' in local)) recorded[sql] = JSON.stringify(trino)
  })

  it('are mostly accepted by both engines', () => {
    const written = Object.values(WRITTEN_SELECTS).flat()
    const selects = Object.keys(recorded).filter(sql => sql.startsWith('with') && !written.includes(sql))
    expect(selects.length).toBeGreaterThan(200)
  })
})

afterAll(() => {
  if (process.env['QUERN_RECORD'] !== '1') return
  const kept = Object.entries(recorded).filter(([sql], i) =>
    sql.startsWith('with') ? i % 5 === 0 : i % 12 === 0,
  )
  writeFileSync(
    new URL('../select/trino-values.json', import.meta.url),
    `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`,
  )
})
