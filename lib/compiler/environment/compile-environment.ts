/** Compiles environments: exported values → plain data for the deployment, or all diagnostics at once. */

import type {
  Canary,
  ConcurrencyPlan,
  DaxPlan,
  EnvironmentPlan,
  ThrottlePlan,
} from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { byName } from '../../text/by-name.ts'
import { nearestName } from '../../text/nearest-name.ts'
import { type DiagnosticPath, pathIn, show } from '../diagnostics/diagnostic-path.ts'
import { CompileError, type Diagnostic } from '../diagnostics/diagnostics.ts'
import { exportedValues } from '../exported-values.ts'
import { checkDuration, checkFlag, elementsOf } from '../fields/check-fields.ts'
import {
  checkAmount,
  checkChoice,
  checkCount,
  checkDays,
  checkOptionalSpelling,
  checkShare,
  checkSpelling,
  fieldsOf,
} from '../fields/check-settings.ts'
import { checkDefinition } from '../fields/options.ts'
import { isKind, type Unchecked } from '../read-definitions.ts'
import { type AwsPlace, checkArnPlace } from './aws-place.ts'
import { checkRegion, partitionOfRegion, REGIONS } from './aws-regions.ts'
import { checkAwsTags } from './check-aws-tags.ts'
import { checkDax } from './check-dax.ts'
import { checkPartitions } from './check-partitions.ts'
import { compileAlarms } from './compile-alarms.ts'
import { compileVpc, NEW_VPC } from './compile-vpc.ts'
import { daxNodeTypes } from './dax-nodes.ts'

/**
 * Compiles the environments among the exports of definition modules, sorted by name. Other values are ignored.
 *
 * @throws {CompileError} with all diagnostics, including those of a plan that an environment cannot serve
 */
export function compileEnvironments(exported: readonly unknown[], plan: Plan): readonly EnvironmentPlan[] {
  const all = eachEnvironment(exported, plan)
  const environments = all.map(({ environment }) => environment)
  const mistakes = all.flatMap(each => each.mistakes)
  checkPartitions(plan, { environments, deployed: environments }, path => pathIn(mistakes, path))
  if (mistakes.length > 0) throw new CompileError(mistakes)
  return byName(environments)
}

export interface NamedEnvironment {
  /** Null: no environment has that name. */
  readonly environment: EnvironmentPlan | null
  /** The names of all environments. */
  readonly names: readonly string[]
  /** Diagnostics of other environments. They do not affect this one. */
  readonly others: readonly Diagnostic[]
}

/**
 * Compiles one environment. Diagnostics of other environments are returned with it.
 *
 * @throws {CompileError} with all diagnostics of the environment, and of the plan in it
 */
export function compileNamedEnvironment(
  exported: readonly unknown[],
  plan: Plan,
  name: string,
): NamedEnvironment {
  const all = eachEnvironment(exported, plan)
  const isNamed = ({ environment }: Compiled): boolean => environment.name === name
  const environments = all.map(({ environment }) => environment)
  const deployed = all.filter(isNamed).map(({ environment }) => environment)
  const mistakes = all.filter(isNamed).flatMap(each => each.mistakes)
  if (deployed.length > 0) checkPartitions(plan, { environments, deployed }, path => pathIn(mistakes, path))
  if (mistakes.length > 0) throw new CompileError(mistakes)
  return {
    environment: deployed[0] ?? null,
    names: byName(environments).map(environment => environment.name),
    others: all.filter(each => !isNamed(each)).flatMap(each => each.mistakes),
  }
}

interface Compiled {
  readonly environment: EnvironmentPlan
  /** Diagnostics of this environment. */
  readonly mistakes: readonly Diagnostic[]
}

function eachEnvironment(exported: readonly unknown[], plan: Plan): readonly Compiled[] {
  const names = new Set<unknown>()
  return exportedValues(exported)
    .filter(value => isKind('environment', value))
    .map(value => {
      const mistakes: Diagnostic[] = []
      const place = pathIn(
        mistakes,
        `environment ${typeof value.name === 'string' ? value.name : show(value.name)}`,
      )
      if (names.has(value.name)) place.report('duplicate-name', show(value.name))
      names.add(value.name)
      const environment = compileEnvironment(place, value)
      const { name, dax } = environment
      if (dax !== null) mistakes.push(...checkDax(plan, { environment: name, itemTtlMs: dax.itemTtlMs }))
      return { environment, mistakes }
    })
}

/** With this limit, the longest name (the bucket for access logs) has at most S3's 63 characters. */
const NAME = /^(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/

type Declared = Unchecked<'environment'>

function compileEnvironment(place: DiagnosticPath, declared: Declared): EnvironmentPlan {
  checkDefinition(place, declared, 'environment')
  const own: AwsPlace = {
    region: checkRegion(place.inside('region'), declared.region),
    account: checkOptionalSpelling(place.inside('account'), declared.account, {
      pattern: /^\d{12}$/,
      code: 'bad-account',
    }),
  }
  const dax = compileDax(place.inside('dax'), declared.dax, own.region)
  return {
    name: checkSpelling(place, declared.name, { pattern: NAME, code: 'bad-environment-name' }),
    ...own,
    tags: checkAwsTags(place.inside('tags'), declared.tags),
    ...retention(place, declared),
    replicas: replicas(place.inside('replicas'), declared.replicas, own.region),
    sourcePolicies: sourcePolicies(place.inside('sourcePolicies'), declared.sourcePolicies, own),
    dax,
    vpc: compileVpc(place.inside('vpc'), declared.vpc, own.region) ?? (dax === null ? null : NEW_VPC),
    alarms: compileAlarms(place.inside('alarms'), declared.alarms, own),
    budget: budget(place.inside('budget'), declared.budget, own.region),
    concurrency: concurrency(place.inside('concurrency'), declared.concurrency),
    throttle: throttle(place.inside('throttle'), declared.throttle),
    canary: checkChoice(place.inside('canary'), declared.canary, CANARY),
    ...flags(place, declared),
    pushShards: checkCount(place.inside('pushShards'), declared.pushShards, {
      from: 1,
      to: 500,
      standard: 1,
    }),
    recordAnswers: recordAnswers(place.inside('recordAnswers'), declared.recordAnswers),
  }
}

function recordAnswers(place: DiagnosticPath, value: unknown): EnvironmentPlan['recordAnswers'] {
  const fields = fieldsOf(place, value, ['share'])
  return fields === null ? null : { share: checkShare(place.inside('share'), fields.share) }
}

const CANARY: { readonly choices: readonly Canary[]; readonly standard: Canary } = {
  choices: [
    'all-at-once',
    'Canary10Percent5Minutes',
    'Canary10Percent10Minutes',
    'Canary10Percent15Minutes',
    'Canary10Percent30Minutes',
    'Linear10PercentEvery1Minute',
    'Linear10PercentEvery2Minutes',
    'Linear10PercentEvery3Minutes',
    'Linear10PercentEvery10Minutes',
  ],
  standard: 'Canary10Percent5Minutes',
}

/** Retention periods that CloudWatch accepts, in days. */
const LOG_RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** The minimum that Athena accepts. */
const LEAST_SCAN_BYTES = 10_000_000

const retention = (place: DiagnosticPath, declared: Declared) => ({
  removal: checkChoice(place.inside('removal'), declared.removal, {
    choices: ['retain', 'destroy'],
    standard: 'retain',
  }),
  noncurrentDays: checkDays(place.inside('noncurrentVersions'), declared.noncurrentVersions, {
    standard: 30,
  }),
  logRetentionDays: checkDays(place.inside('logRetention'), declared.logRetention, {
    standard: 90,
    among: LOG_RETENTION,
  }),
  scanLimitBytes: checkCount(place.inside('scanLimitBytes'), declared.scanLimitBytes, {
    from: LEAST_SCAN_BYTES,
    to: Number.MAX_SAFE_INTEGER,
    standard: 1e12,
  }),
})

const flags = (place: DiagnosticPath, declared: Declared) => ({
  contributorInsights: checkFlag(place.inside('contributorInsights'), declared.contributorInsights, false),
  dataEvents: checkFlag(place.inside('dataEvents'), declared.dataEvents, false),
  tracing: checkFlag(place.inside('tracing'), declared.tracing, false),
})

function replicas(place: DiagnosticPath, value: unknown, own: string): readonly string[] {
  const regions = elementsOf(place, value, 'regions').map(region => checkRegion(place, region))
  const [partition, known] = [partitionOfRegion(own), new Set(REGIONS)]
  regions.forEach((region, i) => {
    if (region === own || regions.indexOf(region) < i) place.report('bad-replica', show(region))
    else if (partition !== null && known.has(region) && partitionOfRegion(region) !== partition)
      place.report('other-partition', show(region), { allowed: `regions of ${partition}, as ${own} is` })
  })
  return regions
}

/** Budgets are in US dollars, except in China. GovCloud has no AWS Budgets, because another account pays for it. */
function budget(place: DiagnosticPath, value: unknown, region: string): number | null {
  const amount = checkAmount(place, value, 'US dollars a month')
  const partition = partitionOfRegion(region)
  if (amount !== null && partition !== null && partition !== 'aws')
    place.report('other-partition', `${amount} US dollars in ${region}`, {
      allowed: 'a budget in a region that is paid in US dollars to AWS itself',
      remedy: 'leave it out, and keep a budget where the bill of this account is paid',
    })
  return amount
}

const POLICY = {
  pattern: /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
  allowed: 'ARNs of managed policies of IAM',
}

/** IAM's quota of managed policies per role. */
const MAX_POLICIES = 10

function sourcePolicies(place: DiagnosticPath, value: unknown, own: AwsPlace): readonly string[] {
  const arns = elementsOf(place, value, 'ARNs of managed policies').map(arn =>
    checkSpelling(place, arn, POLICY),
  )
  arns.forEach((arn, i) => {
    if (arns.indexOf(arn) < i) place.report('duplicate-name', show(arn), { allowed: 'each policy once' })
    else if (POLICY.pattern.test(arn)) checkArnPlace(place, arn, own)
  })
  if (arns.length > MAX_POLICIES)
    place.report('bad-number', `${arns.length} policies`, {
      allowed: `up to ${MAX_POLICIES}, which IAM attaches to a role`,
    })
  return arns
}

/** The default of DAX. */
const ITEM_TTL_MS = 5 * 60_000

function compileDax(place: DiagnosticPath, value: unknown, region: string): DaxPlan | null {
  const dax = fieldsOf(place, value, ['nodeType', 'nodes', 'itemTtl'])
  if (dax === null) return null
  const itemTtlMs =
    dax.itemTtl === undefined ? ITEM_TTL_MS : checkDuration(place.inside('itemTtl'), dax.itemTtl)
  return {
    nodeType: checkNodeType(place.inside('nodeType'), dax.nodeType, region),
    nodes: checkCount(place.inside('nodes'), dax.nodes, { from: 1, to: 11, standard: 3 }),
    itemTtlMs: itemTtlMs ?? ITEM_TTL_MS,
  }
}

function checkNodeType(place: DiagnosticPath, value: unknown, region: string): string {
  const types = daxNodeTypes(region)
  if (typeof value === 'string' && types.includes(value)) return value
  const meant = typeof value === 'string' ? nearestName(value, types) : undefined
  place.report('bad-spelling', show(value), {
    allowed: `DAX's node types in ${region}, such as dax.r5.large`,
    remedy:
      meant === undefined ? `take one of ${types.join(', ')}` : `did you mean '${meant}'? Correct the name`,
  })
  return typeof value === 'string' ? value : ''
}

function concurrency(place: DiagnosticPath, value: unknown): ConcurrencyPlan {
  const fields = fieldsOf(place, value, ['reserved', 'provisioned', 'chunks']) ?? {}
  const functions = { from: 1, to: 100_000, standard: null }
  const reserved = checkCount(place.inside('reserved'), fields.reserved, functions)
  const provisioned = checkCount(place.inside('provisioned'), fields.provisioned, functions)
  if (reserved !== null && provisioned !== null && provisioned > reserved)
    place
      .inside('provisioned')
      .report('provisioned-beyond-reserved', `${provisioned}, with ${reserved} reserved,`)
  return {
    reserved,
    provisioned,
    chunks: checkCount(place.inside('chunks'), fields.chunks, { from: 1, to: 1_000, standard: 4 }),
  }
}

function throttle(place: DiagnosticPath, value: unknown): ThrottlePlan {
  const fields = fieldsOf(place, value, ['ratePerSecond', 'burst']) ?? {}
  const most = { from: 1, to: 1_000_000 }
  return {
    ratePerSecond: checkCount(place.inside('ratePerSecond'), fields.ratePerSecond, {
      ...most,
      standard: 1_000,
    }),
    burst: checkCount(place.inside('burst'), fields.burst, { ...most, standard: 2_000 }),
  }
}
