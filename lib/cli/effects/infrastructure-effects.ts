/** What a change of definitions does to an environment's stacks, by the templates of both. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { infrastructureTexts, lossTexts } from '../../infrastructure/diff/infrastructure-text.ts'
import type { StoreTemplates } from '../../infrastructure/diff/synthesized-store.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { PlanAndEnvironment } from '../project/load-environment.ts'
import type { Before } from './plan-before.ts'

export interface InfrastructureEffects {
  /** A line for each part of the store. */
  readonly lines: readonly string[]
  /** What holds data and would be replaced or removed. */
  readonly losses: readonly string[]
  /** Does anything deployed become another? Null: what was is not known. */
  readonly isChange: boolean | null
}

export async function infrastructureEffects(
  project: string,
  before: Before | string,
  is: PlanAndEnvironment,
): Promise<InfrastructureEffects> {
  if (typeof before === 'string') return { lines: [`not shown: ${before}`], losses: [], isChange: null }
  const moved = movedText(before, is)
  const was = before.environment === null || moved !== null ? null : before.environment
  const templates = await templatesOf(project, [
    is,
    ...(was === null ? [] : [{ ...before, environment: was }]),
  ])
  const [now = {}, then = null] = templates
  const { infrastructureChanges } = await import('../../infrastructure/diff/infrastructure-changes.ts')
  const changes = infrastructureChanges(then, now)
  const isCode = before.plan.hash !== is.plan.hash
  return {
    lines: [
      ...infrastructureTexts(changes, Object.keys(now)),
      ...(isCode ? ['code: each function gets the plan anew, and what names the plan its hash'] : []),
    ],
    losses: [...(moved === null ? [] : [moved]), ...lossTexts(changes)],
    isChange: changes.length > 0 || isCode,
  }
}

const placeOf = ({ account, region }: EnvironmentPlan): string =>
  account === null ? region : `${account} ${region}`

/** In another account or region it is another store, of which no resource is one of before. */
function movedText({ environment: was }: Before, { environment: is }: PlanAndEnvironment): string | null {
  if (was === null || placeOf(was) === placeOf(is)) return null
  return `all stacks: in ${placeOf(is)} it is another store, an empty one; that in ${placeOf(was)} stays as it is, and nobody deploys it any more`
}

/** Makes the stores' templates. CDK takes a second to load, which commands without this do without. */
async function templatesOf(
  project: string,
  stores: readonly PlanAndEnvironment[],
): Promise<readonly StoreTemplates[]> {
  const { synthesizedStore } = await import('../../infrastructure/diff/synthesized-store.ts')
  const context = await cdkContext(project)
  const folder = await mkdtemp(join(tmpdir(), 'quern-templates-'))
  try {
    return stores.map((store, i) => synthesizedStore({ ...store, context, outdir: join(folder, String(i)) }))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Of the project's cdk.json, as `cdk deploy` takes it; none if it has no such file. */
async function cdkContext(project: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(project, 'cdk.json')
  if (!existsSync(path)) return {}
  // CDK refuses another form itself, at the deploy.
  const { context = {} }: { readonly context?: Record<string, unknown> } = JSON.parse(
    await readFile(path, 'utf8'),
  )
  return context
}
