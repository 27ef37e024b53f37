import { Duration } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { dataRemoval, pin } from '../parts/stateful.ts'

export interface DataBucketProps {
  readonly environment: EnvironmentPlan
  readonly key: IKey
  readonly logBucket: LogBucket
}

/** The security settings of every bucket of the store. */
const CLOSED = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  versioned: true,
}

/** Holds all files of the offline store. Old versions are kept for a limited time, and temporary files expire. */
export class DataBucket extends Bucket {
  constructor(scope: Construct, id: string, { environment, key, logBucket }: DataBucketProps) {
    super(scope, id, {
      ...CLOSED,
      bucketName: namesOf(environment).bucket,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      lifecycleRules: lifecycle(environment),
      removalPolicy: dataRemoval(environment),
    })
    pin(this, 'Bucket')
    // CDK's own properties for these two settings would add a bucket ACL and a Lambda function.
    const resource = this.node.defaultChild as CfnBucket
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } }
    resource.loggingConfiguration = { destinationBucketName: logBucket.bucketName, logFilePrefix: 's3/' }
    logBucket.takeAccessLogs(this)
  }
}

const expiring = (folder: string, days: number): LifecycleRule => ({
  id: `${folder}-expires`,
  prefix: `${folder}/`,
  expiration: Duration.days(days),
  noncurrentVersionExpiration: Duration.days(1),
})

const lifecycle = ({ noncurrentDays }: EnvironmentPlan): LifecycleRule[] => [
  {
    id: 'noncurrent-versions-expire',
    noncurrentVersionExpiration: Duration.days(noncurrentDays),
    abortIncompleteMultipartUploadAfter: Duration.days(7),
    expiredObjectDeleteMarker: true,
  },
  expiring(FOLDERS.scratch, 7),
  expiring(FOLDERS.results, 30),
]

/** Holds access logs. S3 delivers server access logs only to buckets that are encrypted with S3-managed keys. */
export class LogBucket extends Bucket {
  constructor(scope: Construct, id: string, environment: EnvironmentPlan) {
    super(scope, id, {
      ...CLOSED,
      bucketName: namesOf(environment).logBucket,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [
        {
          id: 'logs-expire',
          expiration: Duration.days(environment.logRetentionDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
      removalPolicy: dataRemoval(environment),
    })
    pin(this, 'LogBucket')
  }

  takeAccessLogs(bucket: Bucket): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'S3DeliversAccessLogs',
        principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects('s3/*')],
        conditions: {
          ArnLike: { 'aws:SourceArn': bucket.bucketArn },
          StringEquals: { 'aws:SourceAccount': this.stack.account },
        },
      }),
    )
  }

  /** @param trail ARN of the trail, which is in another stack */
  takeTrail(trail: string): void {
    const cloudTrail = [new ServicePrincipal('cloudtrail.amazonaws.com')]
    const ofTrail = { 'aws:SourceArn': trail }
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailLooks',
        principals: cloudTrail,
        actions: ['s3:GetBucketAcl'],
        resources: [this.bucketArn],
        conditions: { StringEquals: ofTrail },
      }),
    )
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailDelivers',
        principals: cloudTrail,
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`cloudtrail/AWSLogs/${this.stack.account}/*`)],
        conditions: { StringEquals: { ...ofTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    )
  }
}
