import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { FOLDERS, type Folder, namesOf } from '../names.ts'

export interface DeliveryProps {
  readonly environment: EnvironmentPlan
  readonly name: string
  readonly key: IKey
  /** The target folder, with a folder for each key, and below it one for each day. */
  readonly folder: Folder
  /** The jq query of a line's key: a field, or an expression in parentheses. */
  readonly keyQuery: string
  /** Name of the log of failed deliveries. */
  readonly log: string
  /** Description of the delivery role. */
  readonly description: string
  /** Lets the role write to the bucket. */
  readonly grant: (role: Role) => void
}

/** A delivery stream (Data Firehose) of JSON lines to the offline bucket. */
export function deliver(scope: Construct, props: DeliveryProps): void {
  const { environment, name, key, folder, keyQuery, description, grant } = props
  const role = new Role(scope, 'DeliveryRole', {
    assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
    description,
  })
  grant(role)
  const log = new LogGroup(scope, 'DeliveryLog', {
    logGroupName: `/quern/${environment.name}/${props.log}`,
    retention: environment.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const errors = new LogStream(scope, 'DeliveryErrors', {
    logGroup: log,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  log.grantWrite(role)
  const stream = new CfnDeliveryStream(scope, 'Delivery', {
    deliveryStreamName: name,
    deliveryStreamType: 'DirectPut',
    deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
    extendedS3DestinationConfiguration: {
      bucketArn: `arn:${Stack.of(scope).partition}:s3:::${namesOf(environment).bucket}`,
      roleArn: role.roleArn,
      prefix: `${folder}/!{partitionKeyFromQuery:key}/!{timestamp:yyyy-MM-dd}/`,
      errorOutputPrefix: `${FOLDERS.quarantine}/undelivered/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`,
      encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: key.keyArn } },
      cloudWatchLoggingOptions: {
        enabled: true,
        logGroupName: log.logGroupName,
        logStreamName: errors.logStreamName,
      },
      ...byKey(keyQuery),
    },
  })
  stream.node.addDependency(role)
}

/** With dynamic partitioning, Firehose requires a buffer of at least 64 MB. Most stores reach the 60 seconds first. */
const byKey = (query: string) => ({
  bufferingHints: { intervalInSeconds: 60, sizeInMBs: 64 },
  dynamicPartitioningConfiguration: { enabled: true },
  processingConfiguration: {
    enabled: true,
    processors: [
      {
        type: 'MetadataExtraction',
        parameters: [
          { parameterName: 'MetadataExtractionQuery', parameterValue: `{key: ${query}}` },
          { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
        ],
      },
    ],
  },
})
