/** The main job on the deployed example and on the local store: all values must be equal. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SSMClient } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { storeAddress } from '../../lib/aws/store-address.ts'
import { openStore } from '../../lib/cli/store/store.ts'
import { type Project, quern } from '../cli/quern.ts'
import { deploy } from './cdk.ts'
import { REGION } from './lane.ts'
import { recentExample } from './recent-example.ts'
import { removeItems } from './remove-items.ts'
import { differences, type Manifest, newestEntities } from './training-rows.ts'

const ENVIRONMENT = 'dev'
const SERVICE = 'departure_delay'
/** Of windows over streams, and of features that are derived. */
const LIVE = 'live_delays'

/** Results of the local and the deployed store. */
interface Both<T> {
  readonly local: T
  readonly deployed: T
}

/** Both stores materialize up to the same instant. */
const UP_TO = new Date().toISOString()

let example: Project
let project: string
beforeAll(async () => {
  example = await recentExample(Date.now())
  project = example.path
})
afterAll(async () => {
  await example[Symbol.asyncDispose]()
})

const redeploy = (): Promise<string> =>
  deploy({ project, environment: ENVIRONMENT, assembly: join(project, 'cdk.out') })

const STACKS = ['offline', 'online', 'push', 'materialization', 'serving', 'monitoring'].sort()

/** `name`, or `name (no changes)`, of each stack that a deploy has ended. */
const stacksIn = (said: string): readonly string[] =>
  [...said.matchAll(/✅ +\S+ \(([^)]+)\)( \(no changes\))?/g)]
    .map(([, name, same = '']) => `${name}${same}`)
    .sort()

async function run<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await quern([...args, '--project', project, '--json'])
  if (code !== 0) throw new Error(`quern ${args.join(' ')} ended with ${code}:\n${stderr}`)
  // What the command prints, as each test says.
  return JSON.parse(stdout) as T
}

const both = async <T>(...args: readonly string[]): Promise<Both<T>> => ({
  deployed: await run(...args, '--env', ENVIRONMENT),
  local: await run(...args),
})

/** Sends signed requests to the local handler, and to the deployed one through API Gateway. */
async function ask(body: object): Promise<Both<Answer>> {
  const answer = async (where: { readonly env?: string }): Promise<Answer> => {
    await using store = await openStore({ project, ...where })
    await using online = await store.openOnline()
    return JSON.parse(await online.ask(JSON.stringify(body), undefined)) as Answer
  }
  return { deployed: await answer({ env: ENVIRONMENT }), local: await answer({}) }
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly unknown[]; readonly statuses: readonly string[] }[]
}

it('cdk deploy creates the store and then has no changes', async () => {
  expect(stacksIn(await redeploy())).toHaveLength(STACKS.length)
  expect(stacksIn(await redeploy())).toEqual(STACKS.map(stack => `quern-dev-${stack} (no changes)`))
})

it('ingest adds the same rows of each source to both stores', async () => {
  const { deployed, local } = await both<readonly { readonly added: number }[]>('ingest')
  expect(deployed).toEqual(local)
  expect(local.every(({ added }) => added > 0)).toBe(true)
})

it('the state machine writes the same rows online', async () => {
  const { deployed, local } = await both<{ readonly failed: number; readonly views: readonly object[] }>(
    'materialize',
    '--to',
    UP_TO,
  )
  expect(deployed).toEqual(local)
  expect(local).toMatchObject({ failed: 0 })
})

it.each([SERVICE, LIVE])('both stores build the same training set %s', async service => {
  const { deployed, local } = await both<Manifest>('training-set', service)
  expect(await differences(local, deployed, join(project, 'sets', service))).toEqual([])
  expect(deployed.rows).toBe(local.rows)
})

/** Of 200 departures, the newest, and of one that is of nothing known. */
async function question(): Promise<object> {
  const set = await run<Manifest>('training-set', SERVICE)
  const entities = await newestEntities(set, ['origin', 'dest', 'carrier', 'tailnum'], 200)
  const unknown = { origin: 'XXX', dest: 'YYY', carrier: 'ZZ', tailnum: 'none' }
  for (const [key, value] of Object.entries(unknown)) entities[key]?.push(value)
  return { feature_service: SERVICE, entities }
}

it('both stores serve the same values', async () => {
  const { deployed, local } = await ask(await question())
  expect(deployed).toEqual(local)
  const statuses = new Set(local.results.flatMap(({ statuses }) => statuses))
  expect([...statuses].sort()).toEqual(['NOT_FOUND', 'NULL_VALUE', 'OUTSIDE_MAX_AGE', 'PRESENT'])
})

const LIVE_KEYS = {
  origin: ['EWR', 'JFK', 'LGA', 'JFK', 'XXX'],
  dest: ['ORD', 'LAX', 'ATL', 'SFO', 'YYY'],
  carrier: ['UA', 'AA', 'DL', 'B6', 'ZZ'],
  distance: [719, 2475, 762, 2586, 0],
}

/** Without the instants of the responses, because the requests run one after the other. */
const told = ({ metadata, results }: Answer): readonly unknown[] =>
  metadata.feature_names.map((name, i) => ({
    name,
    values: results[i]?.values,
    statuses: results[i]?.statuses,
  }))

/** Repeats the requests until both agree: a window may advance between them. */
async function sameWindows(when: (local: Answer) => boolean): Promise<Answer> {
  for (const end = Date.now() + 30_000; ; await sleep(500)) {
    const { deployed, local } = await ask({ feature_service: LIVE, entities: LIVE_KEYS })
    const isSame = JSON.stringify(told(deployed)) === JSON.stringify(told(local))
    if (!(isSame && when(local)) && Date.now() < end) continue
    expect(told(deployed)).toEqual(told(local))
    expect(when(local)).toBe(true)
    return local
  }
}

it('both stores serve the same windows and derived features', async () => {
  const { results } = await sameWindows(() => true)
  const values = results.flatMap(({ values: given }) => given)
  expect(values.filter(value => typeof value === 'number' && value !== 0).length).toBeGreaterThan(20)
})

it('the deployed store counts an event once even if it is pushed several times', async () => {
  const arrivals = ({ metadata, results }: Answer): number =>
    Number(results[metadata.feature_names.indexOf('arrivals_6h')]?.values[1])
  const before = arrivals(await sameWindows(() => true))
  const landed_at = new Date().toISOString()
  const event = { carrier: 'AA', flight: 9_999, day: landed_at.slice(0, 10), origin: 'JFK', dest: 'LAX' }
  const file = join(project, 'events.jsonl')
  const line = JSON.stringify({ source: 'arrivals', event: { ...event, arr_delay: 240, landed_at } })
  await writeFile(file, `${line}\n${line}\n`)
  await both('push', file)
  await sameWindows(local => arrivals(local) === before + 1)
})

it('the deployed store serves a pushed row at once', async () => {
  const file = join(project, 'pushed.jsonl')
  const row = {
    airport: 'JFK',
    event_timestamp: new Date().toISOString(),
    ...{ temp: 41.5, dewp: null, humid: 50, wind_dir: 10, wind_speed: 1.25, wind_gust: null },
    ...{ precip: 0, pressure: 1000, visib: 10, wind_from_east: null, wind_from_north: null },
  }
  await writeFile(file, JSON.stringify({ view: 'airport_weather', row }))
  await both('push', file)
  const entities = { origin: ['JFK'], dest: ['LAX'], carrier: ['AA'], tailnum: ['N338AA'] }
  const temperature = ({ metadata, results }: Answer): unknown =>
    results[metadata.feature_names.indexOf('temp')]?.values[0]
  for (const end = Date.now() + 20_000; ; await sleep(200)) {
    const { deployed, local } = await ask({ feature_service: SERVICE, entities })
    expect(temperature(local)).toBe(41.5)
    if (temperature(deployed) !== 41.5 && Date.now() < end) continue
    expect(deployed).toEqual(local)
    break
  }
})

it('the deployed API refuses unsigned requests except health checks', async () => {
  const ssm = new SSMClient({ region: REGION })
  const { apiUrl } = await storeAddress(ssm, ENVIRONMENT)
  ssm.destroy()
  const unsigned = await fetch(`${apiUrl}/get-online-features`, { method: 'POST', body: '{}' })
  expect([unsigned.status, await unsigned.text()]).toEqual([403, expect.not.stringContaining('feature')])
  // The emulator has a /health of its own under every name, so the API is named in the path.
  const [api] = new URL(apiUrl).hostname.split('.')
  const health = await fetch(`${process.env['AWS_ENDPOINT_URL']}/_aws/execute-api/${api}/$default/health`)
  expect(await health.json()).toMatchObject({ status: 'ok', plan: expect.any(String) })
})

it('quern rebuild restores lost online items', async () => {
  const before = await ask(await question())
  expect(await removeItems('quern-dev-online', ['carrier_day@1|', 'route_day@1|'])).toBeGreaterThan(100)
  expect((await ask(await question())).deployed).not.toEqual(before.deployed)
  expect(await run('rebuild', 'carrier_day', 'route_day', '--env', ENVIRONMENT)).toMatchObject({ failed: 0 })
  const { deployed, local } = await ask(await question())
  expect(deployed).toEqual(local)
})
