/** Errors of DuckDB that the engine corrects. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { openDuckDb } from '../../../lib/local/engine/duckdb-engine.ts'

it('the DuckDB engine keeps U+FEFF at the beginning of a value', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quern-engine-'))
  const engine = await openDuckDb({ scratch: folder })
  const [row] = await engine.rows(
    "select chr(65279) || 'a' as x, [chr(65279)] as list, chr(65279) || repeat('b', 20) as long",
  )
  expect(row).toEqual({ x: '\ufeffa', list: ['\ufeff'], long: `\ufeff${'b'.repeat(20)}` })
  engine.close()
  await rm(folder, { recursive: true })
})

it.each(['double', 'float'])('openDuckDb keeps the sign of each zero of %s in a file', async type => {
  const folder = await mkdtemp(join(tmpdir(), 'quern-engine-'))
  const engine = await openDuckDb({ scratch: folder })
  const zeros = `select [cast('0' as ${type}), cast('-0' as ${type}), cast('1.5' as ${type})][i % 3 + 1] as x
    from range(3000) r(i)`
  const path = join(folder, 'zeros.parquet')
  await engine.unload(`select x, [x] as list from (${zeros}) z`, path)
  const [signs] = await engine.rows(
    `select count(*) filter (where x = 0 and signbit(x)) as minus,
       count(*) filter (where list[1] = 0 and signbit(list[1])) as minus_in_lists from '${path}'`,
  )
  expect(signs).toEqual({ minus: 1_000n, minus_in_lists: 1_000n })
  engine.close()
  await rm(folder, { recursive: true })
})
