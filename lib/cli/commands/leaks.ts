import { findService } from '../../verbs/tables/open-origin.ts'
import { findLeaks, type LeakReport } from '../../verbs/training-set/leaks.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { asJson, type DefineCommand, env, now } from '../arguments/shared-options.ts'
import { cell, count, duration, instant, json, result, say, share, step, table } from '../print/print.ts'
import { openStore } from '../store/store.ts'
import { outputFile } from './training-set.ts'

interface LeaksOptions extends CommonOptions {
  readonly spine?: string
  readonly out?: string
}

/** Exit code 6 if anything leaks. */
export async function leaks(serviceName: string, options: LeaksOptions): Promise<void> {
  await using store = await openStore(options)
  const service = findService(store.plan, serviceName)
  const { spine } = options
  const out = options.out === undefined ? undefined : await outputFile(options.out, options)
  const report = await step(
    `leaks of ${service.name}`,
    () =>
      findLeaks(store, service, {
        ...(spine === undefined ? {} : { spine }),
        ...(out === undefined ? {} : { out }),
      }),
    ({ views, spineRows }) =>
      views.length === 0
        ? `none in ${count(spineRows)} rows`
        : `${views.map(view => `${count(view.rows)} through ${view.alias}`).join(', ')}, of ${count(spineRows)} rows`,
    store.engine.progress,
  )
  if (report.views.length > 0) process.exitCode = 6
  if (report.unjudged.length > 0)
    say(
      `    not judged, for their source has no created timestamp: ${report.unjudged.join(', ')}; name one in the source`,
    )
  if (options.json) result(json({ ...report, out: out ?? null }))
  else if (report.views.length > 0) result(showLeaks(report))
}

/** Of windows, whose events came at many instants. */
const NO_DELAYS = ['–', '–', '–', '–']

function showLeaks({ views, writes, examples, spineRows }: LeakReport): string {
  const byView = views.map(({ alias, view, rows, delayMs, columns }) => [
    alias,
    view,
    count(rows),
    share(rows / spineRows),
    ...(delayMs === null ? NO_DELAYS : [delayMs.p50, delayMs.p90, delayMs.p99, delayMs.max].map(duration)),
    columns.join(', '),
  ])
  const byWrite = writes
    .slice(0, 10)
    .map(({ view, arrived, rows, created }) => [view, instant(arrived), count(rows), ...created.map(instant)])
  const shown = Object.keys(examples[0] ?? {})
  return [
    'What is seen before it is known, and by how much:',
    table([['as', 'view', 'rows#', 'share#', 'p50#', 'p90#', 'p99#', 'max#', 'columns'], ...byView]),
    '\nThe writes behind it:',
    table([['view', 'written', 'rows#', 'created, first', 'created, last'], ...byWrite]),
    '\nFirst rows of the spine:',
    table([shown, ...examples.map(row => shown.map(name => cell(row[name], typeOf(name))))]),
  ].join('\n')
}

const typeOf = (column: string): string => (column.endsWith('timestamp') ? 'timestamp' : 'other')

export const registerLeaks = (define: DefineCommand): void => {
  define('leaks', 'Find values that a training set would read before they were known.')
    .argument('<service>', 'feature service')
    .option('--spine <file|query>', "as for training-set (default: the service's own spine)")
    .option('--out <file>', 'a Parquet file for every row that leaks')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(leaks)
}
