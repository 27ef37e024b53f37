import { Stack } from 'aws-cdk-lib'
import { CfnCluster, CfnParameterGroup, CfnSubnetGroup } from 'aws-cdk-lib/aws-dax'
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { daxStatement } from '../../online/access/dax-statement.ts'
import type { DaxPlan, EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { namesOf } from '../names.ts'
import type { Network } from '../parts/network.ts'

export interface DaxClusterProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly dax: DaxPlan
  readonly network: Network
  readonly online: OnlineStore
}

/** The port of DAX with encryption in transit. */
const PORT = 9111

/**
 * A cache in front of the online table, which only serving can reach. DAX does not check grants. So its role may read only
 * views that every consumer may read without masks; the compiler refuses other views.
 */
export class DaxCluster extends Construct {
  /** `daxs://…` */
  readonly endpoint: string
  /** Environment variables for the serving function. */
  readonly variables: Readonly<Record<string, string>>
  private readonly clusterArn: string

  constructor(scope: Construct, id: string, { plan, environment, dax, network, online }: DaxClusterProps) {
    super(scope, id)
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('dax.amazonaws.com'),
      description: 'What may be read through the DAX cluster',
    })
    role.addToPolicy(PolicyStatement.fromJson(daxStatement(plan, dax.itemTtlMs, online.tableArn)))
    role.addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:DescribeTable'], resources: [online.tableArn] }),
    )
    online.key.grantDecrypt(role)
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterName: namesOf(environment).daxCluster,
      description: `Cache of the feature store ${environment.name}`,
      iamRoleArn: role.roleArn,
      nodeType: dax.nodeType,
      replicationFactor: dax.nodes,
      sseSpecification: { sseEnabled: true },
      clusterEndpointEncryptionType: 'TLS',
      ...this.within(network, dax),
    })
    cluster.node.addDependency(role)
    this.endpoint = cluster.attrClusterDiscoveryEndpointUrl
    this.variables = { QUERN_DAX_ENDPOINT: this.endpoint, QUERN_DAX_ITEM_TTL_MS: String(dax.itemTtlMs) }
    this.clusterArn = Stack.of(this).formatArn({
      service: 'dax',
      resource: 'cache',
      resourceName: namesOf(environment).daxCluster,
    })
  }

  grantRead(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['dax:BatchGetItem', 'dax:GetItem'], resources: [this.clusterArn] }),
    )
  }

  private within(network: Network, { itemTtlMs }: DaxPlan) {
    const group = new SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: 'The DAX cluster: called by serving alone',
      allowAllOutbound: false,
    })
    group.addIngressRule(network.serving, Port.tcp(PORT), 'Serving reads')
    const subnets = new CfnSubnetGroup(this, 'Subnets', {
      subnetIds: network.subnets.map(({ subnetId }) => subnetId),
      description: 'Private',
    })
    const ttl = String(itemTtlMs)
    const parameters = new CfnParameterGroup(this, 'Parameters', {
      description: 'As long as every view that is read through it may lag',
      parameterNameValues: { 'record-ttl-millis': ttl, 'query-ttl-millis': ttl },
    })
    return {
      securityGroupIds: [group.securityGroupId],
      subnetGroupName: subnets.ref,
      parameterGroupName: parameters.ref,
    }
  }
}
