import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StoreError } from '../../lib/store-error.ts'
import { findService } from '../../lib/verbs/open-origin.ts'
import { buildTrainingSet, type TrainingSet, type TrainingSetWorld } from '../../lib/verbs/training-set.ts'
import { openLocalStore } from '../local-store.ts'
import { type CommonOptions, storeOptions } from '../options.ts'
import { bytes, cell, count, json, result, share, step, table } from '../print.ts'

interface TrainingSetCommandOptions extends CommonOptions {
  readonly spine?: string
  readonly asOf?: bigint
  readonly asKnown: boolean
  readonly fullNames: boolean
  readonly out?: string
}

export async function trainingSet(serviceName: string, options: TrainingSetCommandOptions): Promise<void> {
  await using store = await openLocalStore(storeOptions(options))
  const service = findService(store.plan, serviceName)
  const { spine, asOf, asKnown, fullNames } = options
  const out = options.out === undefined ? undefined : await outputFile(options.out, options)
  const made = await step(
    `training set ${service.name}`,
    () =>
      buildTrainingSet(store, service, {
        asKnown,
        fullNames,
        ...(spine === undefined ? {} : { spine }),
        ...(asOf === undefined ? {} : { asOf }),
        ...(out === undefined ? {} : { out }),
      }),
    describeTrainingSet,
    store.engine.progress,
  )
  const { path, manifestPath, manifest } = made
  result(options.json ? json({ path, manifestPath, ...manifest }) : await showTrainingSet(store, made))
}

/** A file that may be written: never a folder, never the spine itself. */
async function outputFile(out: string, { spine, project }: TrainingSetCommandOptions): Promise<string> {
  const path = resolve(out)
  const there = await stat(path).catch(() => null)
  if (there !== null && !there.isFile())
    throw new StoreError('bad-argument', `--out: ${path} is there and is no file; name a file to write`)
  if (spine !== undefined && path === resolve(project, spine))
    throw new StoreError('bad-argument', `--out: ${path} is the spine; name another file to write`)
  return path
}

export const describeTrainingSet = ({ manifest, reused, path }: TrainingSet): string =>
  `${count(manifest.rows)} rows × ${manifest.columns.length} columns, ${bytes(manifest.bytes)}${reused ? ', standing' : ''}  ${path}`

const FIRST_ROWS = 3

/** Its columns, a line each: name, share of nulls, first values. */
export async function showTrainingSet(
  { engine }: TrainingSetWorld,
  { manifest, path }: TrainingSet,
): Promise<string> {
  const rows = await engine.rows(`select * from ${engine.files([path], 'parquet')} limit ${FIRST_ROWS}`)
  const heading = ['column', 'role', 'type', 'nulls#', ...rows.map((_, i) => `row ${i + 1}`)]
  const lines = manifest.columns.map(({ name, role, type, nullShare }) => [
    name,
    role,
    type.toLowerCase(),
    role === 'feature' || nullShare > 0 ? share(nullShare) : '',
    ...rows.map(row => cell(row[name], type.toLowerCase())),
  ])
  return table([heading, ...lines])
}
