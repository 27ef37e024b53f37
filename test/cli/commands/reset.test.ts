/** Definitions that are edited in place, on the command line: refused by name, begun anew by `reset`, held by a lock. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { emptyProject, quern } from '../quern.ts'

const definitions = (column: string, feature: string): string => `
import { entity, featureService, featureView, fileSource } from 'quern'
const ship = entity({ name: 'ship', joinKeys: { id: 'string' } })
const log = fileSource({ name: 'log', path: 'log.csv', eventTimestamp: 'ts',
  columns: { id: 'string', ts: 'timestamp', speed: 'int32' } })
export const sails = featureView({ name: 'sails', entities: [ship], source: log,
  transformation: 'select id, ts, ${column} from source', features: { ${feature}: 'int32' } })
export const served = featureService({ name: 'served', features: [sails] })
`
const FIRST = definitions('speed', 'speed')
const RENAMED = definitions('speed as speed_knots', 'speed_knots')
const ENVIRONMENTS = `
import { environment } from 'quern'
export const prod = environment({ name: 'prod', region: 'eu-central-1' })
`

it('a renamed feature is refused until its view is reset; with a lock, as check refuses it', async () => {
  await using project = await emptyProject()
  const define = (text: string) => writeFile(join(project.path, 'definitions', 'store.ts'), text)
  const run = (...args: string[]) => quern([...args, '--project', project.path])
  await mkdir(join(project.path, 'definitions'), { recursive: true })
  await writeFile(join(project.path, 'log.csv'), 'id,ts,speed\na,2024-01-01T00:00:00Z,9\n')
  await define(FIRST)
  for (const verb of ['ingest', 'materialize']) expect(await run(verb)).toMatchObject({ code: 0 })

  await define(RENAMED)
  for (const command of [['ingest'], ['materialize'], ['get', 'served', 'id=a']]) {
    const { code, stderr } = await run(...command)
    expect([command[0], code]).toEqual([command[0], 5])
    expect(stderr).toContain(
      'view sails@1: what is stored was made by another definition: feature speed is gone',
    )
    expect(stderr).toContain('quern reset sails@1')
  }
  expect(JSON.parse((await run('status', '--json')).stdout).views).toMatchObject([{ state: 'differs' }])

  const { code, stderr } = await run('reset', 'sails')
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 rows offline and 1 items online removed')])
  for (const verb of ['ingest', 'materialize']) expect(await run(verb)).toMatchObject({ code: 0 })
  expect((await run('get', 'served', 'id=a')).stdout).toMatch(/speed_knots +9 +PRESENT/)

  await writeFile(join(project.path, 'definitions', 'environments.ts'), ENVIRONMENTS)
  expect(await run('reset', '--env', 'prod', '--yes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("environment 'prod' keeps its data"),
  })
  await run('plan', '--write')
  await define(FIRST)
  const ingested = await run('ingest')
  expect([ingested.code, (await run('check')).code]).toEqual([1, 1])
  expect(ingested.stderr).toContain('feature-removed')
})
