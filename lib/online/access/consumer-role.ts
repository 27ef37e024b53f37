/**
 * The role of a consumer in the account of the store. The HTTP API of API Gateway accepts no callers from other
 * accounts. Principals of other accounts assume this role and call as the consumer.
 */
import { createHash } from 'node:crypto'

/** The characters that remain for the consumer, of the 64 that IAM allows in a role name. */
const MAX_PART = 37

/** The consumer's part of the role name: its name, or a prefix of the name and a hash. */
const partOf = (consumer: string): string =>
  consumer.length <= MAX_PART
    ? consumer
    : `${consumer.slice(0, MAX_PART - 9)}-${createHash('sha256').update(consumer).digest('hex').slice(0, 8)}`

export const consumerRoleName = (environment: string, consumer: string): string =>
  `quern-${environment}-${partOf(consumer)}`

/** The identity of a consumer that calls with its role. No ARN has this form. */
export const roleIdentity = (consumer: string): string => `quern:role/${partOf(consumer)}`

export interface RoleCall {
  /** The ARN of the caller. */
  readonly arn: string
  /** The account of the API. */
  readonly account: string
  readonly environment: string
}

/**
 * The identity of the caller: the consumer if the ARN is its role in the store's account, otherwise the ARN itself.
 */
export function callerByRole({ arn, account, environment }: RoleCall): string {
  const prefix = `:sts::${account}:assumed-role/quern-${environment}-`
  const at = arn.indexOf(prefix)
  if (at < 0 || !/^arn:aws[a-z-]*$/.test(arn.slice(0, at))) return arn
  const [part = ''] = arn.slice(at + prefix.length).split('/')
  return `quern:role/${part}`
}
