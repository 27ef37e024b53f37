/** The CDK's own command line, as its users run it, with what the emulator refuses taken out between its two steps. */
import { createRequire } from 'node:module'
import { type Ended, type QuernOptions, runProgram } from '../cli/quern.ts'
import { emulateAssembly } from './emulated-templates.ts'

const CLI = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk')

/** Runs `cdk`, in this repository. */
export const cdk = (args: readonly string[], options: QuernOptions = {}): Promise<Ended> =>
  runProgram(process.execPath, [CLI, '--no-notices', '--no-color', ...args], options)

/** The same, where it must succeed. @returns all that it said */
export async function cdkDone(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cdk(args)
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout + stderr
}

export interface Deployment {
  /** The project's folder, with `definitions/` in it. */
  readonly project: string
  readonly environment: string
  /** For what is synthesized; it is made. */
  readonly assembly: string
  /** Those that are deployed, by their ids. @default all */
  readonly stacks?: readonly string[]
}

/** `cdk synth`. */
export const synthesize = ({ project, environment, assembly }: Deployment): Promise<string> =>
  cdkDone('synth', '--quiet', '-c', `project=${project}`, '-c', `env=${environment}`, '--output', assembly)

const NO_QUESTIONS = ['--require-approval', 'never', '--concurrency', '4']

/** `cdk synth`, then `cdk deploy` of it. @returns all that the latter said */
export async function deploy(deployment: Deployment): Promise<string> {
  await synthesize(deployment)
  await emulateAssembly(deployment.assembly)
  const { assembly, stacks = [] } = deployment
  return cdkDone('deploy', '--app', assembly, ...(stacks.length === 0 ? ['--all'] : stacks), ...NO_QUESTIONS)
}
