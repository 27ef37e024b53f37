import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import { type FeatureCost, featureDollars } from '../../cost/feature-dollars.ts'
import { type Line, type MonthlyEstimate, monthlyEstimate } from '../../cost/monthly-estimate.ts'
import { ownerName } from '../../cost/owner-dollars.ts'
import { AS_OF, PRICED_REGION } from '../../cost/prices.ts'
import { idle, type Workload, WorkloadError, workloadOf } from '../../cost/workload.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { asJson, type DefineCommand, workload } from '../arguments/shared-options.ts'
import { json, result, share, table } from '../print/print.ts'
import { unpricedRegion } from '../print/unpriced-region.ts'
import { loadEnvironment } from '../project/load-environment.ts'

interface CostOptions {
  readonly project: string
  /** An environment's name. */
  readonly env: string
  /** A JSON file, see lib/cost/workload.ts. @default the store idles */
  readonly workload?: string
  readonly by: CostBy
  readonly json: boolean
}

/** For whom a bill is told: views, services and the store; or the features of views. */
export const COST_BY = ['owner', 'feature'] as const
export type CostBy = (typeof COST_BY)[number]

/** What the store of the present definitions costs a month, whether it is deployed or not. */
export async function cost({ project, env, workload: path, by, json: asJson }: CostOptions): Promise<void> {
  const { plan, environment } = await loadEnvironment({ project, environment: env })
  const unpriced = unpricedRegion(environment.region)
  if (unpriced !== null)
    throw new StoreError(
      'bad-argument',
      `--env ${env}: ${unpriced}; ask for an environment in a region of partition aws, and take its quantities with the prices of your own account`,
    )
  const asked = path === undefined ? null : await readWorkload(path, plan)
  const rest = monthlyEstimate({ plan, environment, workload: idle(plan) })
  const loaded = asked === null ? null : monthlyEstimate({ plan, environment, workload: asked })
  const features = by === 'feature' ? featureDollars(plan, loaded ?? rest) : null
  const bills = { idle: rest, loaded, features }
  result(
    asJson
      ? json({ plan: plan.hash, environment: env, pricesOf: AS_OF, ...bills, workload: asked })
      : costText({ environment, ...bills }),
  )
}

/** @param other see {@link workloadOf}. @throws {StoreError} `bad-argument` */
export async function readWorkload(path: string, plan: Plan, other: Plan = plan): Promise<Workload> {
  const refuse = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError('bad-argument', `--workload ${path}: ${reason}`, { cause: error })
  }
  const text = await readFile(path, 'utf8').catch(refuse)
  try {
    return workloadOf(JSON.parse(text), plan, other)
  } catch (error) {
    if (!(error instanceof WorkloadError || error instanceof SyntaxError)) throw error
    return refuse(error)
  }
}

export interface Costs {
  readonly environment: Pick<EnvironmentPlan, 'name' | 'region'>
  readonly idle: MonthlyEstimate
  /** Null: only the idle store was asked for. */
  readonly loaded: MonthlyEstimate | null
  /** Null: by owners. */
  readonly features: readonly FeatureCost[] | null
}

/** Each line with its arithmetic, and the same money by whom it is for. */
export function costText({ environment: { name, region }, idle, loaded, features }: Costs): string {
  const shown = loaded ?? idle
  const elsewhere =
    region === PRICED_REGION ? '' : `, where it is ${region} that is deployed to: check the difference`
  return [
    lineTable(shown.lines),
    '',
    features === null ? ownerTable(shown) : featureTable(features),
    '',
    ...shown.unpriced.map(price => `not in it: ${price}, whose price is not in lib/cost/prices.ts`),
    `environment ${name}: ${dollars(idle.dollars)} a month idle${loaded === null ? '' : `, ${dollars(loaded.dollars)} with this workload`}`,
    `on-demand prices of ${PRICED_REGION}, ${AS_OF}${elsewhere}; without free tiers, data transfer and taxes`,
  ].join('\n')
}

export const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`

const quantity = (amount: number): string =>
  amount < 1
    ? String(Number(amount.toPrecision(2)))
    : amount.toLocaleString('en-US', { maximumFractionDigits: amount < 100 ? 1 : 0 })

const PER = new Map([
  [1, ''],
  [1_000, ' a thousand'],
  [1_000_000, ' a million'],
])

const unitPrice = ({ unitDollars, per }: Line): string =>
  `$${Number(unitDollars.toPrecision(4))}${PER.get(per) ?? ` for ${per.toLocaleString('en-US')}`}`

/** Lines of the same thing for different owners are one. */
export function lineTable(lines: readonly Line[]): string {
  const groups = Map.groupBy(lines, ({ service, what, price }) => `${service} ${what} ${price}`)
  const sums = [...groups.values()].flatMap(all => {
    const [first] = all
    return first === undefined
      ? []
      : [{ ...first, quantity: sumOf(all, 'quantity'), dollars: sumOf(all, 'dollars') }]
  })
  const order = sums.sort((a, b) => a.service.localeCompare(b.service) || b.dollars - a.dollars)
  return table([
    ['service', 'for', 'quantity#', 'unit', '× price', '= $ a month#'],
    ...order.map(line => [
      line.service,
      line.what,
      quantity(line.quantity),
      line.unit,
      unitPrice(line),
      dollars(line.dollars),
    ]),
  ])
}

const sumOf = (lines: readonly Line[], field: 'quantity' | 'dollars'): number =>
  lines.reduce((sum, line) => sum + line[field], 0)

/** The dearest first. */
function ownerTable({ lines, dollars: all }: MonthlyEstimate): string {
  const owners = [...Map.groupBy(lines, ({ owner }) => ownerName(owner))]
    .map(([name, own]) => ({ name, own, dollars: sumOf(own, 'dollars') }))
    .sort((a, b) => b.dollars - a.dollars)
  return table([
    ['for whom', '$ a month#', 'share#', 'most of it'],
    ...owners.map(({ name, own, dollars: sum }) => [name, dollars(sum), share(sum / all), dearest(own)]),
  ])
}

/** In the order of the plan; a view's features together are the view. */
const featureTable = (features: readonly FeatureCost[]): string =>
  table([
    ['view', 'feature', 'bytes of an item#', 'share of the view#', '$ a month#'],
    ...features.map(({ view, feature, bytes, share: of, dollars: sum }) => [
      view,
      feature,
      String(bytes),
      share(of),
      dollars(sum),
    ]),
  ])

function dearest(lines: readonly Line[]): string {
  const services = [...Map.groupBy(lines, ({ service }) => service)].map(([service, all]) => ({
    service,
    dollars: sumOf(all, 'dollars'),
  }))
  const [most] = services.sort((a, b) => b.dollars - a.dollars)
  return most === undefined ? '–' : `${most.service} ${dollars(most.dollars)}`
}

export const registerCost = (define: DefineCommand): void => {
  define('cost', 'Estimate the monthly cost of an environment: idle, and with a workload.')
    .requiredOption('--env <name>', 'the environment; it need not be deployed')
    .addOption(workload())
    .addOption(
      new Option('--by <whom>', 'by views, services and the store, or by features')
        .choices(COST_BY)
        .default('owner'),
    )
    .addOption(asJson())
    .action(cost)
}
