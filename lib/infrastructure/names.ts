/**
 * The names of deployed resources. The names are fixed, so that the command line finds a store by its environment's name,
 * and a stack can refer to another stack's resources without a CloudFormation export.
 */
import { Aws } from 'aws-cdk-lib'
import type { EnvironmentPlan } from '../plan/environment-plan.ts'

/** The names of a store's AWS resources. */
export interface StoreNames {
  /** Prefix of resources without a name of their own here. */
  readonly prefix: string
  /** A KMS alias. */
  readonly keyAlias: string
  readonly bucket: string
  /** Holds access logs of the bucket, and CloudTrail logs. */
  readonly logBucket: string
  readonly database: string
  readonly workGroup: string
  readonly table: string
  /** The secret in Secrets Manager with the key of mask hashes. */
  readonly maskSecret: string
  readonly stateMachine: string
  /** The Kinesis stream of pushed rows. */
  readonly stream: string
  /** The Data Firehose stream that delivers pushed rows to the bucket. */
  readonly deliveryStream: string
  /** The Data Firehose stream that delivers the feature log to the bucket. */
  readonly recordStream: string
  /** Dead-letter queues: triggers that started no run, failed runs, and pushed rows that could not be written. */
  readonly deadLetters: { readonly triggers: string; readonly runs: string; readonly pushed: string }
  /** DAX limits the name to 20 characters. */
  readonly daxCluster: string
  /** The parameter in Systems Manager from which the command line reads the store's coordinates. */
  readonly storeParameter: string
}

/** S3 bucket names are globally unique, so they contain the account and the region. */
export function namesOf({ name, account, region }: EnvironmentPlan): StoreNames {
  const prefix = `quern-${name}`
  const bucket = `${prefix}-${account ?? Aws.ACCOUNT_ID}-${region}`
  return {
    prefix,
    keyAlias: `alias/${prefix}`,
    bucket,
    logBucket: `${bucket}-logs`,
    database: prefix.replaceAll('-', '_'),
    workGroup: prefix,
    table: `${prefix}-online`,
    maskSecret: `quern/${name}/mask-key`,
    stateMachine: `${prefix}-materialization`,
    stream: `${prefix}-pushed`,
    deliveryStream: `${prefix}-pushed`,
    recordStream: `${prefix}-recorded`,
    deadLetters: {
      triggers: `${prefix}-triggers-failed`,
      runs: `${prefix}-runs-failed`,
      pushed: `${prefix}-pushed-failed`,
    },
    daxCluster: prefix.length <= 20 ? prefix : name,
    storeParameter: `/quern/${name}/store`,
  }
}

/** The namespace of quern's metrics. It must equal the functions' namespace (lib/aws/functions/metrics-namespace.ts). */
export const metricsOf = ({ name }: Pick<EnvironmentPlan, 'name'>): string => `quern/${name}`

/** The folders of the data bucket. */
export const FOLDERS = {
  offline: 'offline',
  scratch: 'scratch',
  trainingSets: 'training-sets',
  quarantine: 'quarantine',
  results: 'athena-results',
  sources: 'sources',
  pushed: 'pushed',
  plans: 'plans',
  shadows: 'shadows',
  recorded: 'recorded',
} as const

export type Folder = (typeof FOLDERS)[keyof typeof FOLDERS]
