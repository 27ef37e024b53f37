/**
 * An aggregate view's windows at the rows of a spine: quern's SQL beside the range joins that a user would write, in
 * DuckDB, by turns on the same tables and for the same windows.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runPhase } from '../child.ts'
import type { BenchOptions } from '../options.ts'
import { machine } from '../report.ts'
import type { WindowShape } from './data.ts'
import { SETS } from './questions.ts'
import type { WindowsFound, WindowsReport } from './report.ts'
import type { WindowsInput, WindowsResult } from './run.ts'

const ENTITIES = 1_000
/** A week is all of the first, a quarter of the second, a fiftieth of the third: a longest window holds some 500, 230 and 19 events. */
const DAYS = [7, 30, 365] as const

/** @throws {Error} if quern's answers and a plain join's differ */
export async function windowsBench(options: BenchOptions): Promise<WindowsReport> {
  const { folder, shape, repeat, quick, windows: sets } = options
  const about = machine()
  const scratch = join(folder, 'windows-scratch')
  await mkdir(scratch, { recursive: true })
  const entities = quick ? ENTITIES / 50 : ENTITIES
  const found: WindowsFound[] = []
  for (const days of DAYS)
    for (const set of sets ?? []) {
      const own: WindowShape = { events: shape.rows, entities, days, spineRows: shape.spineRows }
      process.stderr.write(`${days} days, ${SETS[set].name}\n`)
      const input: WindowsInput = { shape: own, set, repeat, scratch }
      found.push({ shape: own, set, ...(await runPhase<WindowsResult>('../windows/run.ts', input)) })
    }
  return { machine: about, found }
}
