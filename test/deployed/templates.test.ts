/** Checks the templates of every environment with cfn-lint, which knows CloudFormation's schemas. It needs no server. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { emptyProject, type Project, REPOSITORY, runProgram } from '../cli/quern.ts'
import { virtualEnvironment } from '../conformance/virtual-environment.ts'
import { cdkDone } from './cdk.ts'
import { REFUSED_TYPES, UNKNOWN_CONDITION_KEYS } from './emulated-templates.ts'

const VERSION = '1.58.0'

/** A resource waits for its role's policy as well as for its role: CDK says both, and the linter that one was enough. */
const IGNORED = ['W3005']

/** All that an environment may have and the example's do not. */
const EVERYTHING = `
import { entity, environment, featureService, featureView, fileSource, minutes } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' },
  maxStaleness: minutes(10) })
export const turnover = featureService({ name: 'turnover', features: [sales] })
export const everything = environment({ name: 'everything', region: 'eu-central-1', account: '123456789012',
  replicas: ['eu-west-1'], dax: { nodeType: 'dax.r5.large' }, vpc: { cidr: '10.1.0.0/16' },
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:123456789012:oncall' }, budget: 100, dataEvents: true,
  tracing: true, contributorInsights: true, concurrency: { reserved: 10, provisioned: 2 } })
`

let bin: string
let project: Project
beforeAll(async () => {
  bin = await virtualEnvironment({ name: 'cfn-lint', version: VERSION, packages: [`cfn-lint==${VERSION}`] })
  project = await emptyProject()
  await mkdir(join(project.path, 'definitions'))
  await writeFile(join(project.path, 'definitions', 'store.ts'), EVERYTHING)
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

it.each([
  ['the example', () => REPOSITORY, 12],
  ['an environment with everything', () => project.path, 7],
])('cfn-lint finds no error in the templates of %s', async (_name, folder, stacks) => {
  const output = join(project.path, `cdk.out-${stacks}`)
  await cdkDone('synth', '--quiet', '-c', `project=${folder()}`, '--output', output)
  const templates = (await readdir(output)).filter(name => name.endsWith('.template.json'))
  expect(templates).toHaveLength(stacks)
  const { code, stdout } = await runProgram(join(bin, 'cfn-lint'), [
    ...['--format', 'parseable', '--ignore-checks', ...IGNORED],
    ...['--template', ...templates.map(name => join(output, name))],
  ])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
})

it.each([...REFUSED_TYPES, ...UNKNOWN_CONDITION_KEYS])(
  'why the emulator does without %s is said',
  async name => {
    expect(await readFile(join(REPOSITORY, 'docs', 'aws.md'), 'utf8')).toContain(`\`${name}\``)
  },
)
