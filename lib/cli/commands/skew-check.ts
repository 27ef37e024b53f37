import { resolve } from 'node:path'
import type { Command } from 'commander'
import { recordedFiles } from '../../local/streams/folder-feature-log.ts'
import { StoreError } from '../../store-error.ts'
import { checkSkew, type SkewReport } from '../../verbs/feature-log/check-skew.ts'
import type { FeatureSkew, SkewExample } from '../../verbs/feature-log/compare-logged.ts'
import type { ViewLag } from '../../verbs/feature-log/view-lags.ts'
import { findService } from '../../verbs/tables/open-origin.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { lengthOrZero, wholeNumber } from '../arguments/parsers.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { count, duration, json, result, say, step, table } from '../print/print.ts'
import { openStore, type Store } from '../store/store.ts'

interface SkewCheckCommandOptions extends CommonOptions {
  readonly service?: string
  /** A file, folder or pattern. */
  readonly records?: string
  /** With what came to be known later. */
  readonly all: boolean
  /** Milliseconds. */
  readonly lag: number
  readonly examples: number
}

/** Exit code 7 if anything differs; an answer that was behind does not. */
export async function skewCheck(options: SkewCheckCommandOptions): Promise<void> {
  await using store = await openStore(options)
  const { service: name, records: path } = options
  const services = name === undefined ? Object.values(store.plan.services) : [findService(store.plan, name)]
  const records = path === undefined ? store.records : recordedFiles(resolve(path))
  const reports: SkewReport[] = []
  for (const service of services) {
    const report = await step(
      `skew check ${service.name}`,
      note =>
        checkSkew({ ...store, records }, service, {
          asKnown: !options.all,
          lookBackMs: options.lag,
          examples: options.examples,
          onProgress: answers => note(`${count(answers)} answers`),
        }),
      outcome,
      store.engine.progress,
    )
    reports.push(report)
  }
  const compared = reports.filter(({ answers }) => answers > 0)
  if (compared.length === 0) throw nothing(store, options, reports)
  if (compared.some(report => differentOf(report) > 0)) process.exitCode = 7
  result(options.json ? json(compared) : compared.map(showSkew).join('\n\n'))
}

function nothing(
  { environment }: Store,
  { records }: SkewCheckCommandOptions,
  reports: readonly SkewReport[],
): StoreError {
  const others = reports.reduce((sum, { otherPlans }) => sum + otherPlans, 0)
  if (others > 0)
    return new StoreError(
      'source-missing',
      `all ${count(others)} records are of plans under which the service meant something else; record anew, or replay with the definitions of then`,
    )
  const where = records ?? (environment === null ? '.quern/recorded' : `the bucket of '${environment}'`)
  const how =
    environment === null
      ? 'quern start --record 1'
      : 'recordAnswers in the environment, which is deployed then'
  return new StoreError('source-missing', `there are no recorded answers in ${where}; record some: ${how}`)
}

const differentOf = ({ answers, equal, behind }: SkewReport): number => answers - equal - behind

function outcome(report: SkewReport): string {
  const { answers, equal, behind, otherPlans, unreadable } = report
  const parts =
    answers === 0 ? ['no records'] : [`${exactShare(equal, answers)} of ${count(answers)} answers`]
  if (behind > 0) parts.push(`${count(behind)} behind`)
  if (differentOf(report) > 0) parts.push(`${count(differentOf(report))} DIFFERENT`)
  if (otherPlans > 0) parts.push(`${count(otherPlans)} of other plans left out`)
  if (unreadable > 0) parts.push(`${count(unreadable)} lines UNREADABLE`)
  return parts.join(', ')
}

/** 100% is all of them and never a rounded share. */
function exactShare(equal: number, of: number): string {
  if (equal === of) return '100%'
  return `${Math.min(99.9999, (equal / of) * 100).toFixed(4)}%`
}

function showSkew(report: SkewReport): string {
  const { service, answers, equal, behind, features, lags } = report
  const byFeature = features.map(feature => [
    feature.name,
    feature.type,
    count(feature.compared),
    count(feature.behind),
    count(feature.compared - feature.equal - feature.behind),
    exactShare(feature.equal, feature.compared),
  ])
  const differing = features.filter(feature => feature.equal + feature.behind < feature.compared)
  return [
    `${service}: ${exactShare(equal, answers)} of ${count(answers)} answers are what a training set holds`,
    ...(behind === 0
      ? []
      : [
          `${count(behind)} were behind: they lack what had arrived and was not yet applied; ${count(differentOf(report))} differ`,
        ]),
    table([['feature', 'type', 'compared#', 'behind#', 'different#', 'equal#'], ...byFeature]),
    ...(lags.length === 0 ? [] : [`\n${table([LAGS, ...lags.map(lagLine)])}`]),
    ...differing.map(showExamples),
  ].join('\n')
}

const LAGS = ['view', 'answers behind#', 'p50#', 'p99#', 'max#']

const lagLine = ({ view, behind, lagMs }: ViewLag): readonly string[] => [
  view,
  count(behind),
  ...[lagMs.p50, lagMs.p99, lagMs.max].map(duration),
]

const showExamples = ({ name, examples }: FeatureSkew): string =>
  examples.length === 0
    ? ''
    : `\n${name}:\n${table([['entity', 'instant', 'online', 'offline'], ...examples.map(exampleLine)])}`

const exampleLine = ({ asked, instant, online, offline }: SkewExample): readonly string[] => [
  Object.entries(asked)
    .map(([name, text]) => `${name}=${text}`)
    .join(' '),
  instant,
  online,
  offline,
]

const MAX_EXAMPLES = 1_000
const LAG_MS = 300_000

const withSkewOptions = (command: Command): Command =>
  command
    .option('--service <name>', 'feature service (default: all that have a feature log)')
    .option('--records <path>', "a file, a folder or a pattern (default: the store's own feature log)")
    .option('--all', 'also use rows and events that became known only after a response', false)
    .option(
      '--lag <length>',
      'how far a response may be behind the rows that had arrived, such as 2s or 1h; 0: not at all',
      lengthOrZero('--lag'),
      LAG_MS,
    )
    .option(
      '--examples <number>',
      'differences to show for each feature',
      wholeNumber('--examples', MAX_EXAMPLES),
      3,
    )
    .addOption(env())
    .addOption(now())
    .addOption(asJson())

export const registerSkewCheck = (define: DefineCommand): void => {
  withSkewOptions(
    define(
      'skew-check',
      'Compare logged features with a point-in-time join for the same entities and instants.',
    ),
  ).action(skewCheck)
}

/** The old name of the command. It works for one more release. */
export const registerReplay = (define: DefineCommand): void => {
  withSkewOptions(define('replay', 'The old name of skew-check.')).action(
    (options: SkewCheckCommandOptions) => {
      say('quern replay is now quern skew-check; the old name will go with the next release')
      return skewCheck(options)
    },
  )
}
