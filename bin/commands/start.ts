import { once } from 'node:events'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import type { ServicePlan } from '../../lib/compiler/plan.ts'
import { hasCode } from '../../lib/local/error-code.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http-front.ts'
import { StoreError } from '../../lib/store-error.ts'
import { buildTrainingSet, type TrainingSet } from '../../lib/verbs/training-set.ts'
import { exampleRequest } from '../example-request.ts'
import { compileProject, type OnlineLocalStore, openLocalStore, withOnline } from '../local-store.ts'
import { type CommonOptions, storeOptions } from '../options.ts'
import { instant, say, step } from '../print.ts'
import { servingLog } from '../serving-log.ts'
import { ingestAll } from './ingest.ts'
import { failed, runInput, runMaterialization } from './materialize.ts'
import { describeTrainingSet, showTrainingSet } from './training-set.ts'

interface StartOptions extends Omit<CommonOptions, 'json'> {
  readonly port: number
  readonly once: boolean
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
  await using online = await withOnline(store, { own: true })
  await materializeAll(online)
  const sets = await trainingSets(online)
  await serve(online, options, sets)
}

const clockText = (now: bigint | undefined): string =>
  now === undefined ? "on the machine's clock" : `its clock standing at ${instant(now)}`

async function materializeAll(store: OnlineLocalStore): Promise<void> {
  const views = Object.values(store.plan.views).filter(view => view.online)
  const report = await runMaterialization(store, runInput(views, {}, store.clock))
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
  { port, once: isOnce }: StartOptions,
  sets: readonly ServiceTrainingSet[],
) {
  const handler = getOnlineFeatures(store, { log: servingLog })
  const front = await startHttpFront({ handler, port: isOnce ? 0 : port }).catch(error => {
    if (!hasCode(error, 'EADDRINUSE')) throw error
    throw new StoreError(
      'store-in-use',
      `port ${port} is taken; end what listens there, or choose another with --port`,
    )
  })
  try {
    const url = `${front.url}/get-online-features`
    say(`  ✓ serving  POST ${url}`)
    const bodies = await Promise.all(sets.map(({ service, set }) => exampleRequest(store, service, set)))
    for (const body of bodies) say(`\n    ${curl(url, body)}\n`)
    if (isOnce) await askAll(url, bodies)
    else await untilInterrupted(front)
  } finally {
    await front.close()
  }
}

const curl = (url: string, body: string): string =>
  `curl -s ${url} -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`

async function askAll(url: string, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    const answer = await step(
      'ask',
      () => ask(url, body),
      text => `${text.length} bytes`,
    )
    process.stdout.write(`${answer}\n`)
  }
}

async function ask(url: string, body: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`the store answered ${response.status}: ${text}`)
  return text
}

async function untilInterrupted(front: HttpFront): Promise<void> {
  say(`    ready; Ctrl-C ends it`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  say(`\n  stopping ${front.url}`)
}

const indent = (text: string): string => text.replace(/^/gm, '    ')
