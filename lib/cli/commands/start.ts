import { once } from 'node:events'
import { getOnlineFeatures } from '../../../lambdas/get-online-features.ts'
import { isPushPath } from '../../../lambdas/push-events.ts'
import { hasCode } from '../../local/files/error-code.ts'
import { type HttpFront, type ProxyHandler, startHttpFront } from '../../local/http/http-front.ts'
import { iamAuthorizer } from '../../local/http/iam-authorizer.ts'
import type { ServicePlan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import type { RolledOutContext } from '../../verbs/rollout/rolled-out-features.ts'
import { comparedReads } from '../../verbs/serve/compared-reads.ts'
import { buildTrainingSet, type TrainingSet } from '../../verbs/training-set/training-set.ts'
import { type CommonOptions, storeOptions } from '../arguments/options.ts'
import { share, wholeNumber } from '../arguments/parsers.ts'
import { type DefineCommand, now } from '../arguments/shared-options.ts'
import { instant, say, step } from '../print/print.ts'
import { servingLog } from '../print/serving-log.ts'
import { ask, curl, type ExampleCall, exampleCall } from '../store/example-call.ts'
import { exampleRequest } from '../store/example-request.ts'
import { dynamoDbDoor } from '../store/local-dynamodb.ts'
import { compileProject, type OnlineLocalStore, openLocalStore, withOnline } from '../store/local-store.ts'
import { pushInProcess } from '../store/push-in-process.ts'
import { recordingHere } from '../store/recording.ts'
import { failed, runInput, runMaterialization } from '../store/run-materialization.ts'
import { rolledOut } from '../store/serving-plan.ts'
import { onlineHere } from '../store/store.ts'
import { ingestAll } from './ingest.ts'
import { describeTrainingSet, showTrainingSet } from './training-set.ts'

interface StartOptions extends Omit<CommonOptions, 'json'> {
  readonly port: number
  readonly once: boolean
  /** Of requests whose answers are recorded. */
  readonly record: number
  /** Opens a door of DynamoDB's protocol. @default none */
  readonly dynamodb?: number | true
}

export async function start(options: StartOptions): Promise<void> {
  say(`quern: ${options.project === '.' ? 'this project' : options.project}, ${clockText(options.now)}`)
  await step(
    'compile definitions',
    () => compileProject(options.project),
    plan => {
      const count = (things: object): number => Object.keys(things).length
      return `${count(plan.sources)} sources, ${count(plan.entities)} entities, ${count(plan.views)} views, ${count(plan.services)} services; plan ${plan.hash.slice(0, 12)}`
    },
  )
  await using store = await openLocalStore(storeOptions(options))
  await ingestAll(store, {})
  await using online = await withOnline(store, { mend: 'earlier' })
  await materializeAll(online)
  const sets = await trainingSets(online)
  await serve(online, options, sets)
}

const clockText = (now: bigint | undefined): string =>
  now === undefined ? "on the machine's clock" : `its clock standing at ${instant(now)}`

async function materializeAll(store: OnlineLocalStore): Promise<void> {
  const views = Object.values(store.plan.views).filter(view => view.online)
  const report = await runMaterialization(onlineHere(store), runInput(views, {}, store.clock))
  if (report.failed > 0) throw failed(report)
}

interface ServiceTrainingSet {
  readonly service: ServicePlan
  readonly set: TrainingSet
}

/** Of every service that has a spine of its own. */
async function trainingSets(store: OnlineLocalStore): Promise<readonly ServiceTrainingSet[]> {
  const sets: ServiceTrainingSet[] = []
  for (const service of Object.values(store.plan.services).filter(({ spine }) => spine !== null)) {
    const set = await step(
      `training set ${service.name}`,
      () => buildTrainingSet(store, service),
      describeTrainingSet,
      store.engine.progress,
    )
    say(`\n${indent(await showTrainingSet(store, set))}\n`)
    sets.push({ service, set })
  }
  return sets
}

async function serve(
  store: OnlineLocalStore,
  { port, once: isOnce, record, dynamodb }: StartOptions,
  sets: readonly ServiceTrainingSet[],
) {
  await using _door = await dynamoDbDoor(store, dynamodb)
  const recording = recordingHere(store, record)
  const world = { ...(await rolledOut(store)), ...recording, online: comparedReads(store) }
  const front = await listen(store, world, isOnce ? 0 : port)
  try {
    const url = `${front.url}/get-online-features`
    say(`  ✓ serving  POST ${url}`)
    say(`    ${whoMayRead(store)}`)
    const calls: ExampleCall[] = []
    for (const { service, set } of sets) {
      const call = exampleCall(store, service, { url, body: await exampleRequest(store, service, set) })
      if (call !== undefined) calls.push(call)
    }
    for (const call of calls) say(`\n    ${curl(call)}\n`)
    if (isOnce) await askAll(calls)
    else await untilInterrupted(front)
  } finally {
    await front.close()
  }
}

function listen(store: OnlineLocalStore, world: RolledOutContext, port: number): Promise<HttpFront> {
  const { plan, credentials } = store
  const [reads, pushes] = [getOnlineFeatures(world, { log: servingLog }), pushInProcess(onlineHere(store))]
  const handler: ProxyHandler = (event, context) => (isPushPath(event) ? pushes : reads)(event, context)
  const consumers = Object.values(plan.consumers)
  const guard = credentials === undefined ? {} : { authorizer: iamAuthorizer({ consumers, credentials }) }
  return startHttpFront({ handler, ...guard, port }).catch(error => {
    if (!hasCode(error, 'EADDRINUSE')) throw error
    throw new StoreError(
      'store-in-use',
      `port ${port} is taken; end what listens there, or choose another with --port`,
    )
  })
}

const whoMayRead = ({ credentials, objects }: OnlineLocalStore): string =>
  credentials === undefined
    ? 'open: anyone on this machine may read'
    : `signed requests of ${Object.keys(credentials.consumers).join(', ')}; credentials in ${objects.path('credentials.json')}`

async function askAll(calls: readonly ExampleCall[]): Promise<void> {
  for (const call of calls) {
    const answer = await step(
      'ask',
      () => ask(call),
      text => `${text.length} bytes`,
    )
    process.stdout.write(`${answer}\n`)
  }
}

async function untilInterrupted(front: HttpFront): Promise<void> {
  say(`    ready; Ctrl-C ends it`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  say(`\n  stopping ${front.url}`)
}

const indent = (text: string): string => text.replace(/^/gm, '    ')

const MAX_PORT = 65_535

export const registerStart = (define: DefineCommand): void => {
  define('start', 'Start the store: compile, ingest, materialize, build training sets, serve.')
    .addOption(now())
    .option(
      '--port <port>',
      'the port of the serving API, on loopback; 0: any free port',
      wholeNumber('--port', MAX_PORT),
      6566,
    )
    .option(
      '--dynamodb [port]',
      "also serve the online store by DynamoDB's protocol, signed, on loopback (default port: 8000)",
      wholeNumber('--dynamodb', MAX_PORT),
    )
    .option('--once', 'send one example request over HTTP, then exit', false)
    .option(
      '--record <share>',
      'the share of requests that are written to the feature log, below .quern/recorded',
      share('--record'),
      0,
    )
    .action(start)
}
