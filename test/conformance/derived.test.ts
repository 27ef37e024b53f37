/** Derived features give the same values on Trino as on DuckDB, where test/oracle checks them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { SPINE_ROW } from '../../lib/offline/training-set/point-in-time-join.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import type { Row } from '../../lib/runtime.ts'
import { anyDerivedCase, type DerivedCase } from '../oracle/generate-derived.ts'
import { derivedJoinOf } from '../oracle/judge-derived.ts'
import { random } from '../oracle/random.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

/** Of test/oracle, so that both engines are asked the same. */
const FIRST_SEED = 20_260_301
const CASES = 12

let world: AwsWorld
let duckdb: DuckDbEngine
let scratch: string
beforeAll(async () => {
  world = awsWorld()
  scratch = await mkdtemp(join(tmpdir(), 'quern-derived-'))
  duckdb = await openDuckDb({ scratch })
})
afterAll(async () => {
  world.close()
  duckdb.close()
  await rm(scratch, { recursive: true })
})

/** Values as text, because only text distinguishes -0 from 0. */
const derivedOf = ({ service }: DerivedCase, rows: readonly Row[]): readonly string[] =>
  // Athena keeps no order.
  rows
    .toSorted((a, b) => Number(a[SPINE_ROW]) - Number(b[SPINE_ROW]))
    .flatMap(row =>
      service.derived.map(({ name, type }) => `${name} ${jsonCodec(type).write(row[name] ?? null)}`),
    )

it.each(Array.from({ length: CASES }, (_, i) => FIRST_SEED + i))('seed %i', async seed => {
  const made = anyDerivedCase(random(seed), String(seed - FIRST_SEED))
  const expected = await duckdb.rows(derivedJoinOf(duckdb.dialect, made))
  const actual = await world.engine.rows(derivedJoinOf(world.engine.dialect, made))
  expect(derivedOf(made, actual)).toEqual(derivedOf(made, expected))
})
