/** A second deploy with changed definitions keeps every row, even of removed views. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { signer } from '../../lib/aws/signature.ts'
import { openStore } from '../../lib/cli/store/store.ts'
import type { Row } from '../../lib/runtime.ts'
import { type Ended, type Project, quern } from '../cli/quern.ts'
import { deploy } from './cdk.ts'
import { REGION } from './lane.ts'
import { shops, writeShops } from './shops.ts'

/** All that an environment may have but DAX and replicas. */
const PLACE = {
  environment: 'later',
  props: `, budget: 100, dataEvents: true, tracing: true, contributorInsights: true, vpc: { cidr: '10.1.0.0/16' },
    alarms: { email: 'oncall@example.com' }, concurrency: { reserved: 10, provisioned: 2 }`,
}

let project: Project
beforeAll(async () => {
  project = await shops(PLACE)
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

const redeploy = (): Promise<string> =>
  deploy({ project: project.path, environment: 'later', assembly: join(project.path, 'cdk.out') })

const run = (...args: readonly string[]): Promise<Ended> =>
  quern([...args, '--project', project.path, '--env', 'later', '--json'])

async function done<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args)
  if (code !== 0) throw new Error(`quern ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return JSON.parse(stdout) as T
}

/** Rows of a table as Athena has them, by shop and time. */
async function rowsOf(table: string, ...columns: readonly string[]): Promise<readonly Row[]> {
  await using store = await openStore({ project: project.path, env: 'later' })
  const rows = await store.engine.rows(
    `select shop, event_timestamp, ${columns.join(', ')} from "quern_later"."${table}" t where event_timestamp is not null`,
  )
  const place = (row: Row): string => `${row['shop']} ${row['event_timestamp']}`
  return rows.toSorted((a, b) => place(a).localeCompare(place(b)))
}

const served = async (shop: string): Promise<readonly unknown[]> => {
  const { results } = await done<{ readonly results: readonly { readonly values: readonly unknown[] }[] }>(
    'get',
    'turnover',
    `shop=${shop}`,
  )
  return results.slice(1).map(({ values }) => values[0])
}

/** Calls a function of the workflow, as Step Functions does. */
async function invoke(name: string, payload: object): Promise<string> {
  const endpoint = new URL(`${process.env['AWS_ENDPOINT_URL']}/2015-03-31/functions/${name}/invocations`)
  const body = JSON.stringify(payload)
  const headers = signer('lambda')(
    { host: endpoint.host, path: endpoint.pathname, body },
    { credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, region: REGION, now: Date.now() },
  )
  return (await fetch(endpoint, { method: 'POST', headers, body })).text()
}

const DAY_ONE = Date.parse('2024-01-01T00:00:00Z') * 1_000
const at = (day: number): bigint => BigInt(DAY_ONE + (day - 1) * 86_400_000_000)

describe('changed definitions', () => {
  it('are deployed, filled and served in their first version', async () => {
    await redeploy()
    await done('ingest')
    expect(await done('materialize')).toMatchObject({ failed: 0 })
    expect([await served('a'), await served('b'), await served('c')]).toEqual([
      [3, 30],
      [2, 20],
      [null, null],
    ])
  })

  it('are reported as different until they are deployed', async () => {
    await writeShops(project, 2, PLACE)
    const { code, stderr } = await run('status')
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(
        /environment 'later' has plan \w{12}, the definitions here are plan \w{12}; deploy them/,
      ),
    })
  })

  it('keep every row with null for the new feature', async () => {
    await redeploy()
    expect(await rowsOf('sales_v1', 'amount', 'refunds')).toEqual([
      { shop: 'a', event_timestamp: at(1), amount: 1n, refunds: null },
      { shop: 'a', event_timestamp: at(2), amount: 3n, refunds: null },
      { shop: 'b', event_timestamp: at(1), amount: 2n, refunds: null },
    ])
    expect(await rowsOf('visits_v1', 'visits')).toEqual([])
    expect(await served('a')).toEqual([3, null, null])
  })

  it('keep the data of a removed view, offline and online', async () => {
    expect(await rowsOf('stock_v1', 'level')).toEqual([
      { shop: 'a', event_timestamp: at(1), level: 10n },
      { shop: 'a', event_timestamp: at(2), level: 30n },
      { shop: 'b', event_timestamp: at(1), level: 20n },
    ])
    await using store = await openStore({ project: project.path, env: 'later' })
    await using online = await store.openOnline()
    expect(await online.online.count('stock@1')).toBe(2)
  })

  it('fail a run of a removed view by name', async () => {
    const run = {
      views: ['stock@1'],
      ingest: [],
      from: null,
      to: null,
      execution: 'before',
      startedAt: new Date().toISOString(),
    }
    const answer = await invoke('quern-later-select-latest-rows', { view: 'stock@1', run })
    expect(answer).toContain('stock@1')
  })

  it('accept new rows next to the old ones', async () => {
    await done('ingest')
    expect(await done('materialize')).toMatchObject({ failed: 0 })
    expect(await rowsOf('sales_v1', 'amount', 'refunds')).toHaveLength(5)
    expect([await served('a'), await served('b'), await served('c')]).toEqual([
      [4, 1, 100],
      [2, null, null],
      [5, null, 200],
    ])
  })
})
