import type { Duration } from './duration.ts'

/** How CodeDeploy shifts traffic to a new version of the serving function. The names are those of CodeDeploy. */
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

/** A DAX cluster in front of the online table. Only views whose `maxStaleness` is at least the item TTL use it. */
export interface Dax {
  /** For example `dax.r5.large`. */
  readonly nodeType: string
  /** 1 to 11. @default 3: one per availability zone, so that the cluster survives the loss of a zone */
  readonly nodes?: number
  /** How long the cluster caches an item. @default 5 minutes, the default of DAX */
  readonly itemTtl?: Duration
}

/** A new VPC with private subnets in two availability zones and no route to the internet. */
export interface NewVpc {
  /** For example `10.0.0.0/16`. */
  readonly cidr: string
}

/**
 * An existing VPC. It must reach DynamoDB and S3 (gateway endpoints) and AppConfig (`appconfigdata`). With
 * `recordAnswers` it must also reach Data Firehose (`kinesis-firehose`).
 */
export interface GivenVpc {
  readonly vpcId: string
  /** Private subnets, in the order of `availabilityZones`. */
  readonly subnetIds: readonly string[]
  /** Availability zones of the subnets, such as `eu-central-1a`. */
  readonly availabilityZones: readonly string[]
}

/** Recipients of alarms: an e-mail address, an existing SNS topic, or both. */
export interface Alarms {
  /** @default none */
  readonly email?: string
  /** ARN of an SNS topic in the same region. @default a topic that the stack creates */
  readonly topicArn?: string
}

/** Concurrency of the serving function and of materialization. */
export interface Concurrency {
  /** Reserved concurrency of the serving function. @default none: it shares the unreserved concurrency of the account */
  readonly reserved?: number
  /** Provisioned concurrency of the serving function, which avoids cold starts. @default none */
  readonly provisioned?: number
  /** Number of chunks of a view that a run writes in parallel. @default 4 */
  readonly chunks?: number
}

/** Throttling limits of the serving API. */
export interface Throttle {
  readonly ratePerSecond: number
  /** Maximum number of requests in a burst. */
  readonly burst: number
}

/** The feature log: responses that are recorded in the bucket for `quern skew-check`. */
export interface RecordAnswers {
  /** The share of requests to record: greater than 0, at most 1. */
  readonly share: number
}

export interface EnvironmentProps {
  /** `[a-z][a-z0-9-]{0,19}`. Part of the name of each resource, so a new name deploys a separate store. */
  readonly name: string
  /** For example `eu-central-1`. */
  readonly region: string
  /** Twelve digits. @default the account of the credentials that deploy */
  readonly account?: string
  /** Tags of all resources. @default none */
  readonly tags?: Readonly<Record<string, string>>
  /**
   * What happens to the data when the stack is deleted. `destroy` also turns deletion protection off; use it for trials
   * only. @default 'retain'
   */
  readonly removal?: 'retain' | 'destroy'
  /** How long S3 keeps overwritten and deleted objects, in whole days. @default 30 days */
  readonly noncurrentVersions?: Duration
  /** Retention of log groups; a value that CloudWatch offers: 1, 3, 5, 7, 14, 30, 60, 90, … days. @default 90 days */
  readonly logRetention?: Duration
  /** Athena cancels a query that scans more bytes than this. At least 10 MB. @default 1 TB */
  readonly scanLimitBytes?: number
  /** Regions with a replica of the online table. @default none */
  readonly replicas?: readonly string[]
  /** DynamoDB Contributor Insights, which report the most accessed keys. Billed per event. @default false */
  readonly contributorInsights?: boolean
  /**
   * ARNs of managed policies to attach to the ingestion role. They allow it to read files, keys and connectors of table
   * sources outside the store. @default none
   */
  readonly sourcePolicies?: readonly string[]
  /** @default none */
  readonly dax?: Dax
  /** The VPC of the serving function. @default none; with DAX a new VPC, 10.0.0.0/16 */
  readonly vpc?: NewVpc | GivenVpc
  /** @default a topic that the stack creates, without subscribers */
  readonly alarms?: Alarms
  /**
   * AWS budget in US dollars per month for all resources with the environment's tag. An alarm is sent at 80 % of it, and
   * when the forecast exceeds it. @default none
   */
  readonly budget?: number
  /** @default the default of each field */
  readonly concurrency?: Concurrency
  /** Limits of the serving API. Requests above them get status 429. @default 1,000 requests per second, burst 2,000 */
  readonly throttle?: Throttle
  /** Records a share of the responses for `quern skew-check`, without personal data. @default none */
  readonly recordAnswers?: RecordAnswers
  /** @default 'Canary10Percent5Minutes' */
  readonly canary?: Canary
  /** CloudTrail data events for each read and write of the bucket and the table. Billed per event. @default false */
  readonly dataEvents?: boolean
  /** X-Ray traces of serving and of workflow runs. @default false */
  readonly tracing?: boolean
  /** Shards of the Kinesis stream for pushed rows. Each takes 1 MB or 1,000 rows per second. @default 1 */
  readonly pushShards?: number
}

/** A deployed store: name, account, region and settings. */
export interface Environment extends EnvironmentProps {
  readonly kind: 'environment'
}

/**
 * Declares an environment to deploy to. Environments are not part of the plan: all of them get the same definitions.
 *
 * @example
 * import { environment } from 'quern'
 * export const prod = environment({
 *   name: 'prod', account: '123456789012', region: 'eu-central-1', alarms: { email: 'oncall@example.com' },
 * })
 */
export const environment = (props: EnvironmentProps): Environment => ({ ...props, kind: 'environment' })
