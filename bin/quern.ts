#!/usr/bin/env -S node --max-semi-space-size=16
/** The command line. */
import { Argument, Command, Option } from 'commander'
import { parseDuration, parseInstant } from '../lib/cli/arguments/instant.ts'
import { approve } from '../lib/cli/commands/approve.ts'
import { check } from '../lib/cli/commands/check.ts'
import { codeowners } from '../lib/cli/commands/codeowners.ts'
import { COST_BY, cost } from '../lib/cli/commands/cost.ts'
import { generate, LANGUAGES } from '../lib/cli/commands/generate.ts'
import { get } from '../lib/cli/commands/get.ts'
import { ingestViews } from '../lib/cli/commands/ingest.ts'
import { leaks } from '../lib/cli/commands/leaks.ts'
import { deprecate, restore, retire } from '../lib/cli/commands/lifecycle.ts'
import { materialize } from '../lib/cli/commands/materialize.ts'
import { plan } from '../lib/cli/commands/plan.ts'
import { purge } from '../lib/cli/commands/purge.ts'
import { push } from '../lib/cli/commands/push.ts'
import { rebuildOnline } from '../lib/cli/commands/rebuild.ts'
import { repair } from '../lib/cli/commands/repair.ts'
import { replayAnswers } from '../lib/cli/commands/replay.ts'
import { reset } from '../lib/cli/commands/reset.ts'
import {
  promote as promoteRollout,
  rollback as rollbackRollout,
  status as rolloutStatus,
  start as startRollout,
} from '../lib/cli/commands/rollout.ts'
import { start } from '../lib/cli/commands/start.ts'
import { status } from '../lib/cli/commands/status.ts'
import { listTrainingSets, rebuild, trainingSet } from '../lib/cli/commands/training-set.ts'
import { explainError } from '../lib/cli/print/explain-error.ts'
import { hasCode } from '../lib/local/files/error-code.ts'
import { StoreError } from '../lib/store-error.ts'

const EXIT_CODES = `
Exit codes:
  0  done
  1  the definitions have mistakes (all are listed), or are not what their lock says
  2  a wrong argument: an unknown view, service or option
  3  data is missing or does not fit: a source, its rows, a spine
  4  some views failed to materialize (they are named)
  5  the store is in the way: a port or folder in use, a server that does not answer, other definitions deployed,
     rows stored that another definition has made
  6  a check has found something: values that leak, a training set that cannot be made again
  7  recorded answers are not what a training set holds
  8  a file of the store is damaged or missing (quern repair)
  9  the disk is full
  10 a file or folder may not be read or written
  11 too many files are open
  12 there is not enough memory (QUERN_MEMORY)
  13 the disk does not read or write
  70 a fault of quern itself
quern plan: 0 nothing to do, 2 changes, 3 breaking changes (docs/changes.md)`

const project = () => new Option('--project <folder>', 'the folder with definitions/ in it').default('.')
const now = () =>
  new Option('--now <instant>', "where the store's clock stands (ISO 8601, UTC)")
    .argParser(text => parseInstant(text, '--now'))
    .default(undefined, "it goes with the machine's")
const env = () =>
  new Option('--env <name>', 'the deployed store of an environment, instead of the one on this machine')
const workload = () =>
  new Option('--workload <file>', 'what the store has to do, as JSON (docs/aws.md) (default: it idles)')
const asJson = () => new Option('--json', 'print the result as JSON').default(false)

function program(): Command {
  const quern = new Command('quern')
    .description('Feature definitions in TypeScript, and the feature store that they make.')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(see --help)')
    .exitOverride()
  const command = (name: string, description: string): Command =>
    quern.command(name).description(description).addOption(project()).addHelpText('after', EXIT_CODES)

  command('check', 'Compile the definitions, list every mistake, and compare with the lock.')
    .addOption(asJson())
    .action(check)
  changeCommands(command)
  lifecycleCommands(command)
  command('start', 'Bring the store up: compile, ingest, materialize, build training sets, serve.')
    .addOption(now())
    .option(
      '--port <port>',
      'port to serve on, on loopback; 0 takes any free one',
      wholeNumber('--port', 65_535),
      6566,
    )
    .option(
      '--dynamodb [port]',
      "let programs read the online store by DynamoDB's protocol, signed, on loopback (default port: 8000)",
      wholeNumber('--dynamodb', 65_535),
    )
    .option('--once', 'ask one question over HTTP and end, instead of staying up', false)
    .option(
      '--record <share>',
      'of requests whose answers are recorded below .quern/recorded, for replay',
      share('--record'),
      0,
    )
    .action(start)
  command('ingest', 'Take the rows of all sources, or of some views, into the offline store.')
    .argument('[view...]', 'views by name or name@version')
    .option(
      '--quarantine',
      'set rows that are not of their declared types aside in a file and take the rest',
      false,
    )
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(ingestViews)
  command('materialize', 'Put the newest rows of all views, or of some, online.')
    .argument('[view...]', 'views by name or name@version')
    .option(
      '--from <instant>',
      'all rows that became true from then on, online before or not',
      instant('--from'),
    )
    .option('--to <instant>', 'rows that became true by then', instant('--to'))
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(materialize)
  command('rebuild', 'Put everything online again from the offline store, after a loss or a doubt.')
    .argument('[view...]', 'views by name or name@version')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(rebuildOnline)
  command(
    'repair',
    'Look at each file of the store here, set aside what is damaged, and say what makes it again.',
  )
    .addOption(asJson())
    .action(repair)
  command('reset', 'Begin views anew: remove all that is stored of them, and of views made from them.')
    .argument('[view...]', 'views by name or name@version (default: all)')
    .option('--yes', "with --env, which must have removal: 'destroy': do it", false)
    .addOption(env())
    .addOption(asJson())
    .action(reset)
  const set = command('training-set', 'Build a training set: a Parquet file and its manifest.')
    .usage('<service> [options] | list [options] | rebuild <id> [options]')
    .argument('<service>', 'feature service')
    .option(
      '--spine <file|query>',
      "a .parquet, .csv or .jsonl file, or a SELECT over sources by name (default: the service's own spine)",
    )
    .option(
      '--from <instant>',
      'in place of a spine: all rows of the service from then on',
      instant('--from'),
    )
    .option('--to <instant>', 'and until then', instant('--to'))
    .option('--as-of <instant>', 'hide rows created later', instant('--as-of'))
    .option('--as-known', 'hide, for each row of the spine, rows created after it', false)
    .option(
      '--labels <service>',
      'a service whose features are labels: their newest values after each row of the spine',
    )
    .option(
      '--label-window <length>',
      'and how long after it, such as 90m, 6h or 7d',
      length('--label-window'),
    )
    .option(
      '--split <how>',
      'add the column split: time=0.8,0.1,0.1 or time=<instant>,<instant>, entity=0.8,0.2 (by join keys), random=0.9,0.1',
    )
    .option('--seed <number>', 'of a split by entity or at random', wholeNumber('--seed', 4_294_967_295), 0)
    .option('--full-names', 'name every feature view__feature', false)
    .option('--out <file>', 'where to write it (default: below .quern/training-sets)')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(trainingSet)
  set
    .command('list')
    .description('List the training sets that were built, the newest first.')
    .addOption(project())
    .addOption(env())
    .addOption(asJson())
    .action((_, sub: Command) => listTrainingSets(sub.optsWithGlobals()))
  set
    .command('rebuild')
    .description('Make a training set again from its manifest, and compare: equal rows, order and hash.')
    .argument('<id>', 'of the training set, or how it begins')
    .addOption(project())
    .addOption(env())
    .addOption(asJson())
    .action((id: string, _, sub: Command) => rebuild(id, sub.optsWithGlobals()))
  command('leaks', 'Find values that a training set would see before they were known.')
    .argument('<service>', 'feature service')
    .option('--spine <file|query>', "as for training-set (default: the service's own spine)")
    .option('--out <file>', 'a Parquet file for every row that leaks')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(leaks)
  command(
    'replay',
    'Compare recorded answers with what a training set holds for the same entities and instants.',
  )
    .option('--service <name>', 'feature service (default: all that have records)')
    .option('--records <path>', "a file, a folder or a pattern (default: the store's own)")
    .option('--all', 'with rows and events that came to be known only after an answer', false)
    .option(
      '--lag <length>',
      'how far an answer may be behind what had arrived, such as 2s or 1h; 0: not at all',
      lagLength('--lag'),
      300_000,
    )
    .option('--examples <number>', 'of differences, for each feature', wholeNumber('--examples', 1_000), 3)
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(replayAnswers)
  command('get', 'Ask the online store for the features of one entity.')
    .argument('<service>', 'feature service')
    .argument('<key=value...>', 'each join key and its value')
    .option(
      '--as <consumer>',
      'as whom to read, in a store with consumers: by its grants, masked where they say so',
    )
    .option('--unmasked', 'show features marked pii, in a store without consumers', false)
    .option('--full-names', 'name every feature view__feature', false)
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(get)
  command('generate', 'Write a typed client of the services from the definitions: one file.')
    .addArgument(new Argument('<language>', 'of the client').choices(LANGUAGES))
    .argument('[service...]', 'feature services (default: all that are served online)')
    .option('--out <file>', 'where to write it (default: to standard output)')
    .action(generate)
  command('push', 'Push rows and events as they come true: online at once.')
    .argument(
      '<file>',
      'JSON lines, {"view": …, "row": {…}} or {"source": …, "event": {…}}; - reads standard input',
    )
    .option('--source <stream>', 'the lines are bare events of this stream')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(push)
  rollouts(quern)
  command('status', 'Show what is where, how much, and how fresh.')
    .addOption(env())
    .addOption(now())
    .addOption(asJson())
    .action(status)
  command('cost', 'Show what the store costs a month: idle, and with a workload.')
    .requiredOption('--env <name>', 'the environment, whether it is deployed or not')
    .addOption(workload())
    .addOption(
      new Option('--by <whom>', 'views, services and the store, or the features of views')
        .choices(COST_BY)
        .default('owner'),
    )
    .addOption(asJson())
    .action(cost)
  return quern
}

type MakeCommand = (name: string, description: string) => Command

/** What changes, and who agrees to it. */
function changeCommands(command: MakeCommand): void {
  const against = () =>
    new Option(
      '--against <lock or commit>',
      "a lock file, or a commit whose lock counts (default: the project's)",
    )
  command('plan', 'Show what a change of the definitions will do, before it does it.')
    .addOption(against())
    .option('--env <name>', 'show also what it does to the infrastructure and the bill of an environment')
    .addOption(workload())
    .option('--allow-replacement', 'let what holds data be replaced or removed', false)
    .option('--write', 'write the lock, unless a change is refused', false)
    .option('--check', 'for CI: fail where a changed view or service lacks an approval', false)
    .addOption(asJson())
    .action(plan)
  command('approve', 'Agree to what has changed of a view or service.')
    .argument('<view|service>', 'view@version, or a service')
    .addOption(against())
    .option('--by <approver>', "who approves (default: git's user.email)")
    .option('--key <file>', 'an Ed25519 private key in PEM, to sign with')
    .addOption(asJson())
    .action(approve)
  command('codeowners', 'Print CODEOWNERS lines for the definitions, of their owners and approvers.').action(
    codeowners,
  )
}

/** How versions end. */
function lifecycleCommands(command: MakeCommand): void {
  command('deprecate', 'Announce the end of a version: it is served as before, and says so.')
    .argument('<view@version>')
    .requiredOption('--until <day>', 'how long it is served at least', instant('--until'))
    .option('--message <text>', 'what to use instead', '')
    .addOption(now())
    .addOption(asJson())
    .action(deprecate)
  command('retire', 'End a version that nothing reads; its table and its name are kept.')
    .argument('<view@version>')
    .option('--access-log <file>', 'JSON lines of the serving API: refuse if somebody has read it')
    .option('--days <number>', 'and how far back that counts', wholeNumber('--days', 3_650), 30)
    .addOption(now())
    .addOption(asJson())
    .action(retire)
  command('purge', "Remove a retired version's items from the online store; its table is kept.")
    .argument('<view@version>')
    .addOption(env())
    .addOption(asJson())
    .action(purge)
  command('restore', 'Take a deprecation back, or bring a retired version back.')
    .argument('<view@version>')
    .addOption(asJson())
    .action(restore)
}

const percent = (text: string): number => {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 100) return value
  throw new StoreError('bad-argument', `--canary: '${text}' is no share from 0 to 100 percent`)
}

function rollouts(quern: Command): void {
  const group = quern
    .command('rollout')
    .description('Try another plan on a share of a service, settle on it, go back; nothing is deployed.')
    .addHelpText('after', EXIT_CODES)
  const command = (name: string, description: string): Command =>
    group
      .command(name)
      .description(description)
      .argument('<service>', 'feature service')
      .addOption(project())
      .addOption(env())
      .addOption(now())
      .addOption(asJson())
  command('start', 'Let another plan answer for some entities, or read it in the shadow of the answers.')
    .option('--to <plan>', "the other plan's hash, or how it begins (default: that of the definitions here)")
    .option('--canary <percent>', 'of entities that it answers for', percent)
    .option('--variant <name>', 'keep it beside others under a name, for an A/B test; with --canary')
    .option('--shadow', 'read it too and compare, and answer as before', false)
    .option('--force', 'start though its views are not wholly online', false)
    .action(startRollout)
  command('status', 'What answers for a service, and what its shadow has said.').action(rolloutStatus)
  command('promote', 'What is tried answers for all.').action(promoteRollout)
  command('rollback', 'Nothing is tried any more; or else what answered before answers again.').action(
    rollbackRollout,
  )
}

const instant = (option: string) => (text: string) => parseInstant(text, option)

const length = (option: string) => (text: string) => parseDuration(text, option)
const lagLength = (option: string) => (text: string) => (text === '0' ? 0 : parseDuration(text, option))

const wholeNumber = (option: string, most: number) => (text: string) => {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text)
  throw new StoreError('bad-argument', `${option}: '${text}' is no whole number from 0 to ${most}`)
}

const share = (option: string) => (text: string) => {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 1) return value
  throw new StoreError('bad-argument', `${option}: '${text}' is no share from 0 to 1`)
}

const wantsJson = process.argv.includes('--json')

/** Outside of the command that runs, such as in a timer: nothing can be relied on any more. */
process.on('uncaughtException', error => process.exit(explainError(error, wantsJson)))

/** Whoever reads the output has read enough. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    if (hasCode(error, 'EPIPE')) process.exit()
    throw error
  })

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = explainError(error, wantsJson)
}
