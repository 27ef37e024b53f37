/** A line of the bill, before it has a price. */
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

/** For whom something is paid: a view, a feature service, or all of them. */
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
  /** The same words wherever the same thing is paid. */
  readonly what: string
  readonly price: PriceName
  /** Of a month, in the price's unit. */
  readonly quantity: number
}

export const GB = 2 ** 30
export const TB = 2 ** 40
export const DAYS_A_MONTH = 365 / 12
export const HOURS_A_MONTH = 730
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600

export const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0)
