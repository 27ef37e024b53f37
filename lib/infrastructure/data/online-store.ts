import { Stack } from 'aws-cdk-lib'
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'
import { dataRemoval, isProtected, pin } from '../parts/stateful.ts'

export interface OnlineStoreProps {
  readonly environment: EnvironmentPlan
  /** The key of the data. */
  readonly key: IKey
}

/** The DynamoDB actions that may be granted. */
export type OnlineAction = 'BatchGetItem' | 'GetItem' | 'PutItem'

/** The online store: the table, with a replica in each configured region, and the key of mask hashes. */
export class OnlineStore extends Construct {
  /** Built from the table's name, so that no stack needs an export. */
  readonly tableArn: string
  readonly key: IKey
  readonly maskSecretArn: string

  constructor(scope: Construct, id: string, { environment, key }: OnlineStoreProps) {
    super(scope, id)
    const { table, maskSecret } = namesOf(environment)
    this.key = key
    this.tableArn = Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: table })
    onlineTable(this, environment, key)
    const secret = new Secret(this, 'MaskSecret', {
      secretName: maskSecret,
      description: 'Key of the hashes that stand for masked values; with another key all hashes change',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      encryptionKey: key,
      removalPolicy: dataRemoval(environment),
    })
    pin(secret, 'MaskSecret')
    this.maskSecretArn = secret.secretArn
  }

  /** @param keys patterns of partition keys. @default all */
  grant(grantee: IGrantable, actions: readonly OnlineAction[], keys?: readonly string[]): void {
    const statement = new PolicyStatement({
      actions: actions.map(action => `dynamodb:${action}`),
      resources: [this.tableArn],
      ...(keys === undefined ? {} : { conditions: leading(keys) }),
    })
    grantee.grantPrincipal.addToPrincipalPolicy(statement)
    if (actions.includes('PutItem')) this.key.grantEncryptDecrypt(grantee)
    else this.key.grantDecrypt(grantee)
  }
}

/** ForAllValues is also true if the request has no key, so a Null condition must require one. */
const leading = (keys: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  Null: { 'dynamodb:LeadingKeys': 'false' },
})

function onlineTable(scope: Construct, environment: EnvironmentPlan, key: IKey): void {
  const { table, keyAlias } = namesOf(environment)
  const { replicas, contributorInsights } = environment
  const stack = Stack.of(scope)
  // A replica's key is created in its region under the same alias (see FeatureStore). DynamoDB accepts an alias as a key.
  const aliasIn = (region: string) => stack.formatArn({ service: 'kms', region, resource: keyAlias })
  const resource = new TableV2(scope, 'Table', {
    tableName: table,
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.customerManagedKey(
      key,
      Object.fromEntries(replicas.map(region => [region, aliasIn(region)])),
    ),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'expires_at',
    deletionProtection: isProtected(environment),
    contributorInsightsSpecification: { enabled: contributorInsights },
    replicas: replicas.map(region => ({ region })),
    removalPolicy: dataRemoval(environment),
  })
  pin(resource, 'Table')
}
