import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Argument } from 'commander'
import { type ClientInput, offlineViews } from '../../clients/described-service.ts'
import { openApiDocument } from '../../clients/openapi.ts'
import { pythonClient } from '../../clients/python.ts'
import { typescriptClient } from '../../clients/typescript.ts'
import type { Plan, ServicePlan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { findService } from '../../verbs/tables/open-origin.ts'
import type { DefineCommand } from '../arguments/shared-options.ts'
import { json, say } from '../print/print.ts'
import { compileProject } from '../store/local-store.ts'

/** What there are clients for. */
export const LANGUAGES = ['typescript', 'python', 'openapi'] as const

type Language = (typeof LANGUAGES)[number]

interface GenerateOptions {
  readonly project: string
  readonly out?: string
}

export async function generate(
  language: Language,
  names: readonly string[],
  { project, out }: GenerateOptions,
): Promise<void> {
  const plan = await compileProject(project)
  const services = names.length === 0 ? servedServices(plan) : namedServices(plan, names)
  const text = await clientText(language, { plan, services })
  if (out === undefined) return void process.stdout.write(text)
  await writeWhole(resolve(out), text)
  say(`${out}: ${services.map(({ name }) => name).join(', ')}; plan ${plan.hash}`)
}

async function clientText(language: Language, input: Omit<ClientInput, 'runtime'>): Promise<string> {
  switch (language) {
    case 'typescript':
      return typescriptClient({ ...input, runtime: await runtimeText('client.ts') })
    case 'python':
      return pythonClient({ ...input, runtime: await runtimeText('client.py') })
    case 'openapi':
      return `${json(openApiDocument(input))}\n`
  }
}

const runtimeText = (file: string): Promise<string> =>
  readFile(new URL(`../../clients/runtime/${file}`, import.meta.url), 'utf8')

const notOnline = (plan: Plan, service: ServicePlan): string =>
  `service ${service.name} is not served online: ${offlineViews(plan, service).join(', ')} has online: false`

function namedServices(plan: Plan, names: readonly string[]): readonly ServicePlan[] {
  const services = [...new Set(names)].sort().map(name => findService(plan, name))
  const offline = services.find(service => offlineViews(plan, service).length > 0)
  if (offline === undefined) return services
  throw new StoreError('bad-argument', `${notOnline(plan, offline)}; leave it out, or serve its views`)
}

/** All that a client can ask; which others there are is said aside. */
function servedServices(plan: Plan): readonly ServicePlan[] {
  const all = Object.values(plan.services)
  const served = all.filter(service => offlineViews(plan, service).length === 0)
  for (const service of all) if (!served.includes(service)) say(`left out: ${notOnline(plan, service)}`)
  if (served.length > 0) return served
  throw new StoreError(
    'bad-argument',
    'there is no feature service to make a client of; define one with featureService(…)',
  )
}

/** Whole or not at all: who compiles against the file never reads half of one. */
async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`
  try {
    await writeFile(unfinished, text)
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('bad-argument', `--out: ${path} cannot be written: ${why}`, { cause })
  }
}

export const registerGenerate = (define: DefineCommand): void => {
  define('generate', 'Write a typed client of the services, as one file.')
    .addArgument(new Argument('<language>', 'the language of the client').choices(LANGUAGES))
    .argument('[service...]', 'feature services (default: all that are served online)')
    .option('--out <file>', 'the file to write (default: standard output)')
    .action(generate)
}
