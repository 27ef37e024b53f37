/** What the command line says where online was filled by another clock, and where a source has changed since. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { emptyProject, type Project, quern } from './quern.ts'

const DEFINITIONS = `
import { entity, featureService, featureView, fileSource, tableSource } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' } })
const rents = tableSource({ name: 'rents', catalog: 'c', database: 'd', table: 't', eventTimestamp: 'at',
  local: { query: "select 'a' as shop, timestamp '2024-01-01 00:00:00' as \\"at\\", 2.0e0 as rent" } })
const costs = featureView({ name: 'costs', entities: [shop], source: rents, features: { rent: 'float64' } })
export const turnover = featureService({ name: 'turnover', features: [sales, costs] })
`

let project: Project
beforeAll(async () => {
  project = await emptyProject()
  await mkdir(join(project.path, 'definitions'))
  await writeFile(join(project.path, 'definitions/shop.ts'), DEFINITIONS)
  await tills('a,2024-01-01T00:00:00Z,1', 'a,2024-01-05T00:00:00Z,5')
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

const tills = (...rows: readonly string[]) =>
  writeFile(join(project.path, 'tills.csv'), `shop,at,amount\n${rows.join('\n')}\n`)
const run = (...args: readonly string[]) => quern([...args, '--project', project.path])
const get = (now: string) => run('get', 'turnover', 'shop=a', '--now', now)
const states = async (): Promise<readonly unknown[]> => {
  const { views } = JSON.parse((await run('status', '--json')).stdout)
  return views.map(({ view, state, source }: Record<string, string>) => [view, state, source])
}

it('materialize says that rows are later than its clock, and get that it is at another one', async () => {
  expect(await run('ingest')).toMatchObject({ code: 0 })
  const early = await run('materialize', '--now', '2024-01-02T00:00:00Z')
  expect(early).toMatchObject({ code: 0 })
  expect(early.stderr).toContain(
    'rows later than now, 2024-01-02 00:00:00Z, are not online: sales@1 (up to 2024-01-05',
  )
  const same = await get('2024-01-02T00:00:00Z')
  expect(same.stdout).toMatch(/amount +1 +PRESENT/)
  expect(same.stderr).toBe('')
  const later = await get('2024-01-06T00:00:00Z')
  expect(later.stderr).toMatch(
    /sales@1 is online as of 2024-01-02.*run quern materialize with the same --now/,
  )
  const earlier = await get('2024-01-01T12:00:00Z')
  expect(earlier.stderr).toMatch(/sales@1 is online as of 2024-01-02 00:00:00Z, later than now/)
})

it('status compares files with what was ingested, and says where it does not compare', async () => {
  expect(await run('materialize')).toMatchObject({ code: 0 })
  expect(await states()).toEqual([
    ['costs@1', 'current', 'not compared'],
    ['sales@1', 'current', 'same'],
  ])
  await tills('a,2024-01-01T00:00:00Z,1', 'a,2024-01-05T00:00:00Z,6')
  expect((await states())[1]).toEqual(['sales@1', 'source changed', 'changed'])
})
