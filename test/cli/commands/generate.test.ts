/** Clients on the command line: to standard output or a file, whole or not at all. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern, REPOSITORY } from '../quern.ts'

const DEFINITIONS = `
import { entity, featureService, featureView, fileSource } from 'quern'

const person = entity({ name: 'person', joinKeys: { person: 'string' } })
const people = fileSource({ name: 'people', path: 'people.csv', eventTimestamp: 'seen_at' })
const common = { entities: [person], source: people }
const visits = featureView({ ...common, name: 'visits', features: { visits: 'int64' } })
const archive = featureView({ ...common, name: 'archive', features: { pages: 'int64' }, online: false })
export const visitors = featureService({ name: 'visitors', features: [visits] })
export const guests = featureService({ name: 'guests', features: [visits] })
export const readers = featureService({ name: 'readers', features: [visits, archive] })
`

let project: string
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-generate-'))
  await mkdir(join(project, 'definitions'))
  await writeFile(join(project, 'definitions', 'store.ts'), DEFINITIONS)
  await installQuern(project)
})
afterAll(() => rm(project, { recursive: true }))

const generate = (...args: string[]) => quern(['generate', ...args, '--project', project])

describe('quern generate', () => {
  it.each([
    ['typescript', 'flights-client.ts'],
    ['python', 'flights_client.py'],
    ['openapi', 'flights-openapi.json'],
  ])('%s prints the client of the example store', async (language, file) => {
    const { code, stdout, stderr } = await quern(['generate', language, '--project', REPOSITORY])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(await readFile(join(REPOSITORY, 'test/golden', file), 'utf8'))
  })

  it('writes a file, in place of what was there, and leaves nothing beside it', async () => {
    const folder = join(project, 'out')
    await mkdir(folder)
    const out = join(folder, 'client.ts')
    await writeFile(out, 'older')
    const { code, stdout, stderr } = await generate('typescript', '--out', out)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('left out: service readers is not served online: archive@1 has online: false\n')
    expect(stderr).toMatch(/client\.ts: guests, visitors; plan [0-9a-f]{64}\n$/)
    expect(await readdir(folder)).toEqual(['client.ts'])
    expect(await readFile(out, 'utf8')).toMatch(/readonly guests: [\s\S]*readonly visitors: /)
  })

  it('makes a client of the services that are named', async () => {
    const { stdout } = await generate('python', 'visitors', 'visitors')
    expect(stdout.match(/def \w+(?=\(self, entities: )/g)).toEqual(['def visitors'])
    expect(stdout).not.toContain('guests')
  })

  it.each<[string, string[], RegExp]>([
    ['language', ['ruby'], /'ruby' is invalid .* Allowed choices are typescript, python, openapi\./],
    [
      'service',
      ['python', 'visitor'],
      /^there is no feature service 'visitor'; the definitions have: guests, readers, visitors$/m,
    ],
    [
      'service that is not online',
      ['python', 'readers'],
      /^service readers is not served online: archive@1 has online: false; leave it out, or serve its views$/m,
    ],
    [
      'folder',
      ['openapi', '--out', '/no/such/folder/x'],
      /^--out: \/no\/such\/folder\/x cannot be written: /m,
    ],
  ])('refuses a wrong %s by name', async (_what, args, message) => {
    const { code, stdout, stderr } = await generate(...args)
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  })
})
