/** A line of the estimate without its price. */
import type { PriceName } from './prices.ts'

export const AWS_SERVICES = [
  'API Gateway',
  'Athena',
  'CloudTrail',
  'CloudWatch',
  'DAX',
  'Data Firehose',
  'DynamoDB',
  'KMS',
  'Kinesis',
  'Lambda',
  'S3',
  'Secrets Manager',
  'Step Functions',
  'X-Ray',
] as const
export type AwsService = (typeof AWS_SERVICES)[number]

/** What a cost is for: a view, a feature service, or the whole store. */
export type CostAllocation =
  | { readonly kind: 'view'; readonly name: string }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'store' }

export const STORE: CostAllocation = { kind: 'store' }
export const ofView = (name: string): CostAllocation => ({ kind: 'view', name })
export const ofService = (name: string): CostAllocation => ({ kind: 'service', name })

export interface Usage {
  readonly service: AwsService
  readonly owner: CostAllocation
  /** A description. The same kind of usage always has the same one. */
  readonly what: string
  readonly price: PriceName
  /** The quantity of a month, in the unit of the price. */
  readonly quantity: number
}

export const GB = 2 ** 30
export const TB = 2 ** 40
export const DAYS_A_MONTH = 365 / 12
export const HOURS_A_MONTH = 730
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600

export const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0)
