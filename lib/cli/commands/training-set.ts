import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { findService } from '../../verbs/tables/open-origin.ts'
import { type Rebuilt, rebuildTrainingSet } from '../../verbs/training-set/rebuild-training-set.ts'
import {
  buildTrainingSet,
  type TrainingSet,
  type TrainingSetContext,
  type TrainingSetOptions,
} from '../../verbs/training-set/training-set.ts'
import { listManifests } from '../../verbs/training-set/training-set-manifest.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { instant, length, wholeNumber } from '../arguments/parsers.ts'
import { asJson, type DefineCommand, env, now, project, SPINE } from '../arguments/shared-options.ts'
import { parseSplit } from '../arguments/split.ts'
import { bytes, cell, count, json, MASKED, result, share, step, table } from '../print/print.ts'
import { openStore } from '../store/store.ts'

interface TrainingSetCommandOptions extends CommonOptions {
  readonly spine?: string
  readonly from?: bigint
  readonly to?: bigint
  readonly labels?: string
  /** Milliseconds. */
  readonly labelWindow?: number
  readonly split?: string
  readonly seed: number
  readonly asOf?: bigint
  readonly asKnown: boolean
  readonly fullNames: boolean
  readonly out?: string
}

export async function trainingSet(serviceName: string, options: TrainingSetCommandOptions): Promise<void> {
  await using store = await openStore(options)
  const service = findService(store.plan, serviceName)
  const chosen = await buildOptions(store.plan, options)
  const made = await step(
    `training set ${service.name}`,
    () => buildTrainingSet(store, service, chosen),
    describeTrainingSet,
    store.engine.progress,
  )
  const { manifestPath, manifest } = made
  result(options.json ? json({ manifestPath, ...manifest }) : await showTrainingSet(store, made))
}

async function buildOptions(plan: Plan, options: TrainingSetCommandOptions): Promise<TrainingSetOptions> {
  const { spine, asOf, asKnown, fullNames, split, seed } = options
  return {
    asKnown,
    fullNames,
    ...(spine === undefined ? {} : { spine }),
    ...rangeOf(options),
    ...(asOf === undefined ? {} : { asOf }),
    ...labelsOf(plan, options),
    ...(split === undefined ? {} : { split: parseSplit(split, seed) }),
    ...(options.out === undefined ? {} : { out: await outputFile(options.out, options) }),
  }
}

function rangeOf({ spine, from, to }: TrainingSetCommandOptions): Pick<TrainingSetOptions, 'range'> {
  if (from === undefined && to === undefined) return {}
  if (from === undefined || to === undefined)
    throw new StoreError('bad-argument', '--from and --to make a range together; give both')
  if (spine !== undefined)
    throw new StoreError('bad-argument', '--from and --to stand in place of --spine; give one or the other')
  if (to < from) throw new StoreError('bad-argument', '--to is before --from; nothing lies between them')
  return { range: { from, to } }
}

function labelsOf(
  plan: Plan,
  { labels, labelWindow }: TrainingSetCommandOptions,
): Pick<TrainingSetOptions, 'labels'> {
  if (labels === undefined && labelWindow === undefined) return {}
  if (labels === undefined || labelWindow === undefined)
    throw new StoreError(
      'bad-argument',
      '--labels <service> and --label-window <length> belong together; give both',
    )
  return { labels: { service: findService(plan, labels), windowMs: labelWindow } }
}

export async function listTrainingSets(options: CommonOptions): Promise<void> {
  await using store = await openStore(options)
  const sets = await listManifests(store.objects)
  const lines = sets.map(({ id, service, made, made_by, rows, columns, path }) => [
    id.slice(0, 16),
    service,
    made.slice(0, 19),
    made_by,
    count(rows),
    count(columns.length),
    path,
  ])
  const heading = ['id', 'service', 'made', 'by', 'rows#', 'columns#', 'path']
  result(options.json ? json(sets) : table([heading, ...lines]))
}

export async function rebuild(id: string, options: CommonOptions): Promise<void> {
  await using store = await openStore(options)
  const rebuilt = await step(
    `rebuild ${id.slice(0, 16)}`,
    () => rebuildTrainingSet(store, id),
    describeRebuilt,
    store.engine.progress,
  )
  const { manifest, same, standing, content, rows } = rebuilt
  if (!same) process.exitCode = 6
  if (options.json)
    result(json({ id: manifest.id, same, standing, rows, content, expected: manifest.content }))
}

function describeRebuilt({ manifest, same, standing, rows }: Rebuilt): string {
  if (!same) return `NOT the same: ${count(rows)} rows, of which the manifest says ${count(manifest.rows)}`
  const files = standing === 'intact' ? '' : `; its files were ${standing} and have been put back`
  return `${count(rows)} rows, equal in content and order  ${manifest.content.slice(0, 23)}…${files}`
}

/** A Parquet file that may be written: never a folder, never the spine itself. */
export async function outputFile(
  out: string,
  { spine, project, env }: { readonly spine?: string; readonly project: string; readonly env?: string },
): Promise<string> {
  if (env !== undefined)
    throw new StoreError(
      'bad-argument',
      `--out: what '${env}' makes lies in its bucket, and is told when it is made; leave --out out`,
    )
  const path = resolve(out)
  const there = await stat(path).catch(() => null)
  if (there !== null && !there.isFile())
    throw new StoreError('bad-argument', `--out: ${path} is there and is no file; name a file to write`)
  if (extname(path) !== '.parquet')
    throw new StoreError(
      'bad-argument',
      `--out: ${out} does not end in .parquet, and Parquet is what is written; name it ${basename(out, extname(out))}.parquet`,
    )
  if (spine !== undefined && path === resolve(project, spine))
    throw new StoreError('bad-argument', `--out: ${path} is the spine; name another file to write`)
  return path
}

export const describeTrainingSet = ({ manifest, reused, path }: TrainingSet): string =>
  `${count(manifest.rows)} rows × ${manifest.columns.length} columns, ${bytes(manifest.bytes)}${reused ? ', standing' : ''}  ${path}`

const FIRST_ROWS = 3

/** Its columns, a line each: name, share of nulls, first values. */
export async function showTrainingSet(
  { engine }: TrainingSetContext,
  { manifest, path }: TrainingSet,
): Promise<string> {
  const rows = await engine.rows(`select * from ${engine.files([path], 'parquet')} limit ${FIRST_ROWS}`)
  const heading = ['column', 'role', 'type', 'nulls#', ...rows.map((_, i) => `row ${i + 1}`)]
  const lines = manifest.columns.map(({ name, role, type, nullShare, pii }) => [
    name,
    role,
    type.toLowerCase(),
    role === 'feature' || nullShare > 0 ? share(nullShare) : '',
    ...rows.map(row => (pii ? MASKED : cell(row[name], type.toLowerCase()))),
  ])
  return table([heading, ...lines])
}

const MAX_SEED = 4_294_967_295

export const registerTrainingSet = (define: DefineCommand): void => {
  const set = define('training-set', 'Build a training set: a Parquet file and its manifest.')
    .usage('<service> [options] | list [options] | rebuild <id> [options]')
    .argument('<service>', 'feature service')
    .option('--spine <file|query>', SPINE)
    .option(
      '--from <instant>',
      'instead of a spine: all rows of the service from this instant on',
      instant('--from'),
    )
    .option('--to <instant>', 'and until this instant', instant('--to'))
    .option('--as-of <instant>', 'hide rows created later', instant('--as-of'))
    .option('--as-known', 'hide, for each row of the spine, rows created after it', false)
    .option(
      '--labels <service>',
      'a service whose features are labels: their latest values after each row of the spine',
    )
    .option(
      '--label-window <length>',
      'how long after a row labels count, such as 90m, 6h or 7d',
      length('--label-window'),
    )
    .option(
      '--split <how>',
      'add the column split: time=0.8,0.1,0.1 or time=<instant>,<instant>, entity=0.8,0.2 (by join keys), random=0.9,0.1',
    )
    .option(
      '--seed <number>',
      'the seed of a split by entity or at random',
      wholeNumber('--seed', MAX_SEED),
      0,
    )
    .option('--full-names', 'name every feature view__feature', false)
    .option('--out <file>', 'the file to write (default: below .quern/training-sets)')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(trainingSet)
  registerList(set)
  registerRebuildOf(set)
}

const registerList = (set: Command): void => {
  set
    .command('list')
    .description('List the training sets that were built, the latest first.')
    .addOption(project())
    .addOption(env())
    .addOption(asJson())
    .action((_, sub: Command) => listTrainingSets(sub.optsWithGlobals()))
}

const registerRebuildOf = (set: Command): void => {
  set
    .command('rebuild')
    .description('Build a training set again from its manifest, and compare rows, order and hash.')
    .argument('<id>', "the training set's id, or its first characters")
    .addOption(project())
    .addOption(env())
    .addOption(asJson())
    .action((id: string, _, sub: Command) => rebuild(id, sub.optsWithGlobals()))
}
