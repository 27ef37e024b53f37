/**
 * The plan as AWS CDK constructs: one construct a file, made from the plan and an environment alone. May import the pure
 * rooms and aws-cdk-lib; takes the functions of `lambdas/` by path. Judged by test/infrastructure.
 *
 * Names of what is deployed. They are fixed, so that the command line finds a store by its environment's name, and a
 * stack tells another what to read without an export that would tie the two together.
 */
import { Aws } from 'aws-cdk-lib'
import type { EnvironmentPlan } from '../plan/environment-plan.ts'

/** Of all that a store has in AWS. */
export interface StoreNames {
  /** Of whatever has no name of its own here. */
  readonly prefix: string
  /** An alias of KMS. */
  readonly keyAlias: string
  readonly bucket: string
  /** Access logs of the bucket, and CloudTrail's. */
  readonly logBucket: string
  readonly database: string
  readonly workGroup: string
  readonly table: string
  /** In Secrets Manager: the key of masked hashes. */
  readonly maskSecret: string
  readonly stateMachine: string
  /** Of pushed rows, in Kinesis. */
  readonly stream: string
  /** Of pushed rows to the bucket, in Data Firehose. */
  readonly deliveryStream: string
  /** Of recorded answers to the bucket, in Data Firehose. */
  readonly recordStream: string
  /** Of schedules and events that started no run, of runs that failed, and of pushed rows that could not be written. */
  readonly deadLetters: { readonly triggers: string; readonly runs: string; readonly pushed: string }
  /** DAX allows 20 characters. */
  readonly daxCluster: string
  /** In Systems Manager: where all this is, for the command line. */
  readonly storeParameter: string
}

/** Bucket names are one for all accounts and regions, so both are in them. */
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

/** The namespace of what quern's functions measure (lambdas say the same, see lib/aws/functions/metrics-namespace.ts). */
export const metricsOf = ({ name }: Pick<EnvironmentPlan, 'name'>): string => `quern/${name}`

/** Folders of the bucket. */
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
