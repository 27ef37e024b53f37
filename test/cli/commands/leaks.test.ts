/** `quern leaks` in a project of its own: what it prints, and its exit code for CI. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { exampleProject, quern } from '../quern.ts'

const DEFINITIONS = `
import { entity, featureService, featureView, fileSource } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const sales = fileSource({
  name: 'sales', path: 'sales.csv', eventTimestamp: 'day', createdTimestamp: 'booked',
})
const takings = featureView({
  name: 'takings', entities: [shop], source: sales, features: { total: 'float64' },
})
export const service = featureService({ name: 'forecast', features: [takings] })
`

it('exits with 6 and names view, delay and write where something leaks, with 0 where nothing does', async () => {
  await using project = await exampleProject()
  await rm(join(project.path, 'definitions'), { recursive: true })
  const write = (name: string, text: string) => writeFile(join(project.path, name), text)
  await mkdir(join(project.path, 'definitions'))
  await write('definitions/shop.ts', DEFINITIONS)
  await write(
    'sales.csv',
    'shop,day,booked,total\na,2024-01-01,2024-01-02T06:00:00Z,10\nb,2024-01-01,2024-01-01,20\n',
  )
  await write('early.csv', 'shop,event_timestamp\na,2024-01-02\nb,2024-01-02\n')
  await write('late.csv', 'shop,event_timestamp\na,2024-01-03\nb,2024-01-02\n')
  const run = (...args: readonly string[]) => quern([...args, '--project', project.path])
  expect((await run('ingest')).code).toBe(0)
  const early = await run('leaks', 'forecast', '--spine', 'early.csv')
  expect(early.code).toBe(6)
  expect(early.stdout).toMatch(/takings +takings@1 +1 +50\.0% +6 h .* total/)
  expect(early.stdout).toContain('2024-01-02 06:00:00Z')
  const asJson = await run('leaks', 'forecast', '--spine', 'early.csv', '--json')
  expect(JSON.parse(asJson.stdout)).toMatchObject({ spineRows: 2, views: [{ view: 'takings@1', rows: 1 }] })
  expect(await run('leaks', 'forecast', '--spine', 'late.csv')).toMatchObject({ code: 0, stdout: '' })
})
