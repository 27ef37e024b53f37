import type { Duration } from './duration.ts'

/** How CodeDeploy moves requests to a new version of the serving function, by its own names. */
export type Canary =
  | 'all-at-once'
  | 'Canary10Percent5Minutes'
  | 'Canary10Percent10Minutes'
  | 'Canary10Percent15Minutes'
  | 'Canary10Percent30Minutes'
  | 'Linear10PercentEvery1Minute'
  | 'Linear10PercentEvery2Minutes'
  | 'Linear10PercentEvery3Minutes'
  | 'Linear10PercentEvery10Minutes'

/** A DAX cluster before the online table, for views with a `maxStaleness` of the item TTL and more. */
export interface Dax {
  /** Such as `dax.r5.large`. */
  readonly nodeType: string
  /** 1 to 11. @default 3: one for each zone, which outlives the loss of a zone */
  readonly nodes?: number
  /** How long the cluster keeps an item. @default 5 minutes, which is DAX's own */
  readonly itemTtl?: Duration
}

/** A network of its own: private subnets in two zones, without a way to the internet. */
export interface NewVpc {
  /** Such as `10.0.0.0/16`. */
  readonly cidr: string
}

/** A network that is there. It must lead to DynamoDB and S3 (gateway endpoints), to AppConfig (`appconfigdata`) and, with `recordAnswers`, to Data Firehose (`kinesis-firehose`). */
export interface GivenVpc {
  readonly vpcId: string
  /** Private ones, in the order of their zones. */
  readonly subnetIds: readonly string[]
  /** Of the subnets, such as `eu-central-1a`. */
  readonly availabilityZones: readonly string[]
}

/** Who hears of alarms: by mail, by a topic that is there, or both. */
export interface Alarms {
  /** @default none */
  readonly email?: string
  /** ARN of an SNS topic of the same region. @default a topic of the store's own */
  readonly topicArn?: string
}

export interface Concurrency {
  /** Requests that are answered at the same time, kept free for serving. @default what the account has left */
  readonly reserved?: number
  /** Of those, how many find a function that is warm. @default none */
  readonly provisioned?: number
  /** Chunks of a view that a run writes at the same time. @default 4 */
  readonly chunks?: number
}

export interface Throttle {
  readonly ratePerSecond: number
  /** Requests that may come at once. */
  readonly burst: number
}

/** Answers that are laid down in the bucket, for `quern replay`. */
export interface RecordAnswers {
  /** Of requests, more than 0 and at most 1. */
  readonly share: number
}

export interface EnvironmentProps {
  /** `[a-z][a-z0-9-]{0,19}`. In the name of all that is deployed: another name is another store. */
  readonly name: string
  /** Such as `eu-central-1`. */
  readonly region: string
  /** Twelve digits. @default that of the credentials that deploy */
  readonly account?: string
  /** On all that is deployed. @default none */
  readonly tags?: Readonly<Record<string, string>>
  /**
   * What becomes of data when its stack is deleted. `destroy` also lifts the protection against deletion: for trials.
   * @default 'retain'
   */
  readonly removal?: 'retain' | 'destroy'
  /** How long S3 keeps what was overwritten or deleted, in whole days. @default 30 days */
  readonly noncurrentVersions?: Duration
  /** As CloudWatch has them: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 days, 365, 400, … @default 90 days */
  readonly logRetention?: Duration
  /** Most that a query may scan before Athena breaks it off; 10 MB and more. @default 1 TB */
  readonly scanLimitBytes?: number
  /** Regions that have a replica of the online table. @default none */
  readonly replicas?: readonly string[]
  /** Which keys are asked for most, by DynamoDB's Contributor Insights; costs by the event. @default false */
  readonly contributorInsights?: boolean
  /**
   * ARNs of managed policies that ingestion has beside its own: to read the files, keys and connectors of table sources
   * that are not the store's. @default none
   */
  readonly sourcePolicies?: readonly string[]
  /** @default none */
  readonly dax?: Dax
  /** The network in which serving runs. @default none; with DAX a new one, 10.0.0.0/16 */
  readonly vpc?: NewVpc | GivenVpc
  /** @default alarms go to a topic of the store's own, which nobody has subscribed to */
  readonly alarms?: Alarms
  /** US dollars a month, of all that has the environment's tag; alarms hear of 80% and of a forecast beyond. @default none */
  readonly budget?: number
  /** @default as the fields say */
  readonly concurrency?: Concurrency
  /** Of the serving API; what is beyond gets 429. @default 1,000 requests a second, 2,000 at once */
  readonly throttle?: Throttle
  /** Some answers for `quern replay`, without personal data. @default none */
  readonly recordAnswers?: RecordAnswers
  /** @default 'Canary10Percent5Minutes' */
  readonly canary?: Canary
  /** Every read and write of the bucket and the table in CloudTrail; costs by the event. @default false */
  readonly dataEvents?: boolean
  /** X-Ray traces of serving and runs. @default false */
  readonly tracing?: boolean
  /** Shards of the stream of pushed rows: 1 MB or 1,000 rows a second each. @default 1 */
  readonly pushShards?: number
}

/** A place in which the store is deployed. */
export interface Environment extends EnvironmentProps {
  readonly kind: 'environment'
}

/**
 * Declares an environment. It is no part of the plan: the same definitions are deployed to each.
 *
 * @example
 * import { environment } from 'quern'
 * export const prod = environment({
 *   name: 'prod', account: '123456789012', region: 'eu-central-1', alarms: { email: 'oncall@example.com' },
 * })
 */
export const environment = (props: EnvironmentProps): Environment => ({ ...props, kind: 'environment' })
