/** A cold start: Node is there, the bundle is imported and answers its first event, with a plan beside it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compile } from '../../lib/compiler/compile.ts'
import { bundleServing } from '../../test/lambdas/bundle.ts'
import { runProgram } from '../child.ts'
import { definitions } from '../definitions.ts'
import { repeated } from '../runs.ts'
import type { ColdStart } from './report.ts'

const FIRST_EVENT = { requestContext: { http: { method: 'GET' } }, rawPath: '/health', headers: {} }

const script = (bundle: string): string => `
  const before = process.cpuUsage(), start = performance.now()
  const { handler } = await import(${JSON.stringify(bundle)})
  const answer = await handler(${JSON.stringify(FIRST_EVENT)}, { awsRequestId: 'first' })
  const ms = performance.now() - start, { user, system } = process.cpuUsage(before)
  if (answer.statusCode !== 200) throw new Error(JSON.stringify(answer))
  console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1_000 }))`

export async function coldStarts(folder: string, starts: number): Promise<ColdStart> {
  const { path, bytes, parts } = await bundleServing(folder)
  await writeFile(join(folder, 'plan.json'), JSON.stringify(compile(definitions)))
  const environment = { QUERN_ONLINE_TABLE: 'online', AWS_REGION: 'us-east-1' }
  const runs = await repeated(starts, async () => {
    const text = await runProgram(process.execPath, ['--input-type=module', '-e', script(path)], environment)
    const { ms, cpuMs }: { ms: number; cpuMs: number } = JSON.parse(text)
    return { ms, cpuMs }
  })
  return { bytes, parts, initMs: runs.map(({ ms }) => ms), initCpuMs: runs.map(({ cpuMs }) => cpuMs) }
}
