/**
 * A consumer's role in the store's own account: API Gateway's HTTP API takes no caller of another account, so principals of
 * others assume it, and call as the consumer.
 */
import { createHash } from 'node:crypto'

/** What an environment's name leaves of the 64 characters that IAM takes. */
const MAX_PART = 37

/** The consumer's part of the role's name: its name, or what fits of it and a hash of the whole. */
const partOf = (consumer: string): string =>
  consumer.length <= MAX_PART
    ? consumer
    : `${consumer.slice(0, MAX_PART - 9)}-${createHash('sha256').update(consumer).digest('hex').slice(0, 8)}`

export const consumerRoleName = (environment: string, consumer: string): string =>
  `quern-${environment}-${partOf(consumer)}`

/** By which a consumer is known that calls by its role; like no ARN. */
export const roleIdentity = (consumer: string): string => `quern:role/${partOf(consumer)}`

export interface RoleCall {
  /** The ARN of who calls. */
  readonly arn: string
  /** Of the API. */
  readonly account: string
  readonly environment: string
}

/** Who calls: by the store's own role for a consumer, that consumer; else the ARN as it is. */
export function callerByRole({ arn, account, environment }: RoleCall): string {
  const prefix = `:sts::${account}:assumed-role/quern-${environment}-`
  const at = arn.indexOf(prefix)
  if (at < 0 || !/^arn:aws[a-z-]*$/.test(arn.slice(0, at))) return arn
  const [part = ''] = arn.slice(at + prefix.length).split('/')
  return `quern:role/${part}`
}
