/** Clients as `quern generate` writes them: as text, as a file for the compiler, and as a loaded module. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ClientOptions, PersonalFeature, Question } from '../../lib/clients/runtime/client.ts'
import { typescriptClient } from '../../lib/clients/typescript.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import type * as Flights from '../golden/flights-client.ts'

const REPOSITORY = join(import.meta.dirname, '../..')

export const runtime = (file: 'client.ts' | 'client.py'): string =>
  readFileSync(join(REPOSITORY, 'lib/clients/runtime', file), 'utf8')

export const typescriptOf = (plan: Plan): string =>
  typescriptClient({ plan, services: Object.values(plan.services), runtime: runtime('client.ts') })

/** Creates a temporary folder with these files while the work runs. */
export async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-generated-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  module: 'NodeNext',
  target: 'ES2022',
  // Skips the packages that a program uses in addition to its client.
  skipLibCheck: true,
}

/** The environments of a client, with their libraries. */
export const WORLDS = {
  browsers: { lib: ['ES2022', 'DOM'], types: [] },
  Node: { lib: ['ES2022'], types: ['node'] },
} as const

/** The errors of the compiler in these files, such as `consumer.ts(3,7): error TS2339: …`; with all strict flags. */
export function compileErrors(
  files: Readonly<Record<string, string>>,
  world: keyof typeof WORLDS = 'browsers',
): Promise<readonly string[]> {
  const compilerOptions = { ...STRICT, ...WORLDS[world] }
  const config = JSON.stringify({ compilerOptions, include: ['*.ts'] })
  const all = { 'package.json': '{"type":"module"}', 'tsconfig.json': config, ...files }
  return inFolder(all, async folder => {
    await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
    const running = promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
    })
    const { stdout } = await running.catch((error: { readonly stdout: string }) => error)
    return stdout.split('\n').filter(line => line !== '')
  })
}

type Ask = (question: Question<object>) => Promise<readonly AnyRow[]>

export type AnyRow = Readonly<Record<string, PersonalFeature<unknown, string | null>>>

/** The type of a client whose plan a test generates. The compiler does not know its services. */
export type AnyClient = Pick<Flights.Client, 'checkPlan'> & Readonly<Record<string, Ask>>

/** Loads the module. */
export const moduleOf = (plan: Plan) =>
  inFolder({ 'package.json': '{"type":"module"}', 'client.ts': typescriptOf(plan) }, async folder => {
    // The types of the exports are checked in typescript-types.test.ts.
    const { createClient } = (await import(join(folder, 'client.ts'))) as typeof Flights
    return (options: ClientOptions) => createClient(options) as unknown as AnyClient
  })
