import { Aws, Stack } from 'aws-cdk-lib'
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import { CfnDatabase } from 'aws-cdk-lib/aws-glue'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { dataRemoval } from '../parts/stateful.ts'
import { StoreKey } from '../parts/store-key.ts'
import { DataBucket, LogBucket } from './data-bucket.ts'
import { trailArn } from './data-events.ts'
import { type OfflineAccess, offlineStatements } from './offline-access.ts'

export interface OfflineStoreProps {
  readonly environment: EnvironmentPlan
}

/**
 * The offline store: a bucket and its key, a Glue database and an Athena workgroup. Tables are not CloudFormation resources,
 * because CloudFormation would replace a table to change it. Instead, each deployment creates them with Athena (see
 * Materialization).
 */
export class OfflineStore extends Construct {
  /** The key of all stored data, including the online store. */
  readonly key: StoreKey
  private readonly environment: EnvironmentPlan

  constructor(scope: Construct, id: string, { environment }: OfflineStoreProps) {
    super(scope, id)
    this.environment = environment
    this.key = new StoreKey(this, 'Key', environment)
    const logBucket = new LogBucket(this, 'LogBucket', environment)
    if (environment.dataEvents) logBucket.takeTrail(trailArn(environment, Stack.of(this)))
    new DataBucket(this, 'Bucket', { environment, key: this.key, logBucket })
    this.database()
    this.workGroup()
  }

  /** Grants the named access, and the use of the key. */
  grant(grantee: IGrantable, access: OfflineAccess): void {
    for (const statement of offlineStatements(this.environment, Stack.of(this), access))
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement(statement))
    this.key.grantEncryptDecrypt(grantee)
  }

  private database(): void {
    const { database, bucket } = namesOf(this.environment)
    const resource = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: database,
        description: `Feature store ${this.environment.name}: history`,
        locationUri: `s3://${bucket}/${FOLDERS.offline}/`,
      },
    })
    resource.applyRemovalPolicy(dataRemoval(this.environment))
    resource.overrideLogicalId('Database')
  }

  /** The workgroup enforces its settings for every query, so a client cannot override them. */
  private workGroup(): void {
    const { workGroup, bucket } = namesOf(this.environment)
    const resource = new CfnWorkGroup(this, 'WorkGroup', {
      name: workGroup,
      description: `Feature store ${this.environment.name}`,
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: this.environment.scanLimitBytes,
        resultConfiguration: {
          outputLocation: `s3://${bucket}/${FOLDERS.results}/`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: this.key.keyArn },
        },
      },
    })
    resource.overrideLogicalId('WorkGroup')
  }
}
