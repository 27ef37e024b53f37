import { CfnOutput } from 'aws-cdk-lib'
import {
  ArnPrincipal,
  CompositePrincipal,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  User,
} from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { partitionOfArn, partitionOfRegion } from '../../compiler/environment/aws-regions.ts'
import { consumerRoleName } from '../../online/access/consumer-role.ts'
import { MAX_ATTACHED, policiesOf, TooManyPoliciesError } from '../../online/access/iam-policy.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { ConsumerPlan, Plan } from '../../plan/plan.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { namesOf } from '../names.ts'
import type { ServingApi } from './serving-api.ts'

export interface ConsumerPoliciesProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly online: OnlineStore
  readonly api: ServingApi
}

/**
 * Managed policies of consumers: call the API, push to granted streams and views, and read granted views from the table.
 * A policy is attached to roles and users of the environment's account, if the environment names its account. All other
 * principals assume a role of the store, because an HTTP API and the table refuse callers of other accounts.
 */
export class ConsumerPolicies extends Construct {
  constructor(scope: Construct, id: string, props: ConsumerPoliciesProps) {
    super(scope, id)
    for (const consumer of Object.values(props.plan.consumers)) new ConsumerPolicy(this, consumer, props)
  }
}

class ConsumerPolicy extends Construct {
  constructor(
    scope: Construct,
    consumer: ConsumerPlan,
    { plan, environment, online, api }: ConsumerPoliciesProps,
  ) {
    super(scope, consumer.name)
    const documents = [
      { Version: '2012-10-17', Statement: statementsOf(consumer, { api, online, environment }) },
      ...policiesOf(plan, consumer, online.tableArn),
    ]
    if (documents.length > MAX_ATTACHED) throw new TooManyPoliciesError(consumer.name, documents.length)
    const others = foreign(consumer, environment)
    const role = others.length === 0 ? null : this.role(consumer, environment, others)
    documents.forEach((document, i) => {
      const name = `${namesOf(environment).prefix}-${consumer.name}-${i + 1}`
      const policy = new ManagedPolicy(this, `Policy${i + 1}`, {
        managedPolicyName: name,
        description: `Consumer ${consumer.name} of the feature store ${environment.name}`,
        document: PolicyDocument.fromJson(document),
      })
      for (const [j, arn] of consumer.principals.entries())
        this.attach(policy, arn, `Principal${i + 1}-${j + 1}`, environment)
      if (role !== null) policy.attachToRole(role)
      new CfnOutput(this, `Arn${i + 1}`, {
        value: policy.managedPolicyArn,
        description: `For the principals of consumer ${consumer.name}`,
      })
    })
  }

  /** The role that principals of other accounts assume to call as the consumer. */
  private role({ name }: ConsumerPlan, environment: EnvironmentPlan, principals: readonly string[]): Role {
    const role = new Role(this, 'Role', {
      roleName: consumerRoleName(environment.name, name),
      description: `Calls the feature store ${environment.name} as consumer ${name}`,
      assumedBy: new CompositePrincipal(...principals.map(arn => new ArnPrincipal(arn))),
    })
    new CfnOutput(this, 'RoleArn', {
      value: role.roleArn,
      description: `Assumed by principals of consumer ${name} in other accounts`,
    })
    return role
  }

  /** Attaches the policy to a principal of the same account. All other principals use the role. */
  private attach(policy: ManagedPolicy, arn: string, id: string, { account }: EnvironmentPlan): void {
    if (account === null || arn.split(':')[4] !== account) return
    if (arn.includes(':role/')) policy.attachToRole(Role.fromRoleArn(this, id, arn))
    else policy.attachToUser(User.fromUserArn(this, id, arn))
  }
}

/** A consumer without read grants may neither call the read route nor decrypt the table. */
const statementsOf = (
  { grants, pushes = [] }: ConsumerPlan,
  { api, online, environment }: Omit<ConsumerPoliciesProps, 'plan'>,
) => [
  ...(grants.length === 0 ? [] : [mayCall(api), mayDecrypt(online, environment)]),
  ...(pushes.length === 0 ? [] : [mayPush(api, pushes)]),
]

/** The function behind the route checks the same grants. */
const mayPush = (api: ServingApi, pushes: readonly string[]) =>
  new PolicyStatement({
    actions: ['execute-api:Invoke'],
    resources: [...api.pushable(pushes)],
  }).toStatementJson()

/** Principals that are not known to be in the store's account. Principals of other partitions have no access. */
const foreign = ({ principals }: ConsumerPlan, { account, region }: EnvironmentPlan): readonly string[] =>
  principals.filter(arn => partitionOfArn(arn) === partitionOfRegion(region) && arn.split(':')[4] !== account)

const mayCall = ({ callable }: ServingApi) =>
  new PolicyStatement({ actions: ['execute-api:Invoke'], resources: [callable] }).toStatementJson()

/** DynamoDB uses the table's key on behalf of the reader. In China, the service's name may have either of two endings. */
const mayDecrypt = ({ key }: OnlineStore, { region }: EnvironmentPlan) => {
  const via = 'dynamodb.*.amazonaws.com'
  return new PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: {
      StringLike: { 'kms:ViaService': partitionOfRegion(region) === 'aws-cn' ? [via, `${via}.cn`] : via },
    },
  }).toStatementJson()
}
