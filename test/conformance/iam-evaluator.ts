/**
 * An independent evaluator of IAM policies: @cloud-copilot/iam-simulate. It is AGPL-3.0, so it is not a dependency.
 * The lane installs it separately and runs it as its own process.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PolicyDocument } from '../../lib/online/access/iam-policy.ts'
import { cacheFolder, run } from './server-process.ts'

const VERSION = '0.1.173'

export interface Evaluation {
  readonly principal: string
  readonly policies: readonly PolicyDocument[]
  /** Such as `dynamodb:GetItem`. */
  readonly action: string
  readonly resource: string
  readonly context: Readonly<Record<string, string | readonly string[]>>
}

async function installed(): Promise<string> {
  const home = join(cacheFolder(), `iam-simulate-${VERSION}`)
  if (existsSync(join(home, 'installed'))) return home
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), '{"private":true}')
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', `@cloud-copilot/iam-simulate@${VERSION}`],
    home,
  )
  await writeFile(join(home, 'installed'), VERSION)
  return home
}

/** Reads evaluations as JSON and writes the result of each. */
const PROGRAM = `
  import { text } from 'node:stream/consumers'
  import { runSimulation } from '@cloud-copilot/iam-simulate'
  const results = []
  for (const { principal, policies, action, resource, context } of JSON.parse(await text(process.stdin))) {
    const { overallResult, errors } = await runSimulation({
      request: { principal, action, resource: { resource, accountId: '123456789012' }, contextVariables: context },
      identityPolicies: policies.map((policy, i) => ({ name: String(i), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    }, {})
    results.push(overallResult ?? JSON.stringify(errors))
  }
  process.stdout.write(JSON.stringify(results))`

/** @returns for each `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`; anything else says what it could not read */
export async function evaluate(evaluations: readonly Evaluation[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: await installed(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(evaluations))
  let output = ''
  for await (const part of child.stdout.setEncoding('utf8')) output += part
  return JSON.parse(output) as string[]
}
