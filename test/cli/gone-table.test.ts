/** An offline table that was there and is no more, as the command line tells it. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { exampleProject, quern } from './quern.ts'

interface Found {
  readonly view: string
  readonly state: string
  readonly items: number
}

const NOW = ['--now', '2013-12-30T18:00:00Z']

it('is gone, not empty; materialization fails for it and leaves online as it is', async () => {
  await using project = await exampleProject()
  const run = (...args: string[]) => quern([...args, ...NOW, '--project', project.path])
  const states = async () => {
    const { views } = JSON.parse((await run('status', '--json')).stdout)
    return Object.fromEntries(views.map(({ view, state, items }: Found) => [view, [state, items]]))
  }
  for (const verb of ['ingest', 'materialize'])
    expect(await run(verb, 'airport_weather')).toMatchObject({ code: 0 })
  await rm(join(project.path, '.quern/offline/airport_weather'), { recursive: true })
  expect(await states()).toMatchObject({ 'airport_weather@1': ['gone', 3], 'airport_place@1': ['empty', 0] })
  const { code, stderr } = await run('materialize', 'airport_weather')
  expect(code).toBe(4)
  expect(stderr).toContain('view airport_weather@1: its offline table is gone')
  expect(await states()).toMatchObject({ 'airport_weather@1': ['gone', 3] })
})
