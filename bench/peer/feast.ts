/** Feast as peer: the same work on the same files, in a process of its own. Needs Python 3.11. */
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../child.ts'
import { END_MS, featuresOf, TTL_DAYS, VIEWS, type ViewName } from '../data.ts'
import type { Cost } from '../phase.ts'

const REQUIREMENT = 'feast[aws,duckdb]==0.67.0'

export interface Feast {
  /** The interpreter of its own environment. */
  readonly python: string
  /** For registries and the like. */
  readonly scratch: string
  /** The folder of the Parquet files. */
  readonly data: string
}

export interface FeastResult extends Cost {
  readonly rows: number | null
  /** Values by feature, in the order of the customers asked for. */
  readonly sample: Readonly<Record<string, readonly unknown[]>> | null
}

export async function installFeast(folder: string): Promise<string> {
  const environment = join(folder, 'feast-0.67.0')
  const python = join(environment, 'bin', 'python')
  if (existsSync(join(environment, 'bin', 'feast'))) return python
  await mkdir(folder, { recursive: true })
  await rm(environment, { recursive: true, force: true })
  await runProgram('python3.11', ['-m', 'venv', environment])
  await runProgram(python, ['-m', 'pip', 'install', '--quiet', REQUIREMENT])
  return python
}

/** What Feast's documentation advises for large views: newest rows only, written in batches. */
const TUNED = { pullLatest: true, writeBatch: 10_000 }
/** What a project has that sets nothing. */
const DEFAULTS = { pullLatest: false, writeBatch: null }

let projects = 0

/** A project's name is used once: a second one finds tables that it did not make. */
async function run(feast: Feast, job: object, isTuned = true): Promise<FeastResult> {
  const script = new URL('feast_phase.py', import.meta.url).pathname
  const whole = {
    project: `peer_${process.pid}_${++projects}`,
    scratch: feast.scratch,
    data: feast.data,
    views: Object.fromEntries(VIEWS.map(view => [view, featuresOf(view)])),
    ttlDays: TTL_DAYS,
    endMs: END_MS,
    ...(isTuned ? TUNED : DEFAULTS),
    ...job,
  }
  await mkdir(feast.scratch, { recursive: true })
  const output = await runProgram(feast.python, ['-W', 'ignore', script, JSON.stringify(whole)], {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    FEAST_USAGE: 'False',
  })
  // The script's last line is ours; progress bars stand before it.
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as FeastResult
}

export const feastTrainingSet = (feast: Feast, out: string): Promise<FeastResult> =>
  run(feast, {
    phase: 'training-set',
    out,
    onlineStore: { type: 'sqlite', path: join(feast.scratch, 'online.db') },
  })

export interface FeastMaterializeProps {
  readonly endpoint: string
  readonly view: ViewName
  readonly sample: readonly number[]
  /** @default true: the settings that the documentation advises */
  readonly tuned?: boolean
}

export const feastMaterialize = (
  feast: Feast,
  { endpoint, view, sample, tuned = true }: FeastMaterializeProps,
): Promise<FeastResult> =>
  run(
    feast,
    {
      phase: 'materialize',
      view,
      sample,
      onlineStore: { type: 'dynamodb', region: 'local', endpoint_url: endpoint },
    },
    tuned,
  )
