import { Fn, RemovalPolicy } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { EnvironmentPlan, VpcPlan } from '../../plan/environment-plan.ts'

export interface NetworkProps {
  readonly environment: EnvironmentPlan
  readonly vpc: VpcPlan
}

/** Availability zones of a new network. Every region has at least two. */
const ZONES = 2

/**
 * Private subnets for serving, without inbound access. From them serving reaches DynamoDB, S3 and AppConfig, and also Data
 * Firehose and the DAX cluster if they exist.
 */
export class Network extends Construct {
  readonly vpc: IVpc
  readonly subnets: readonly ISubnet[]
  /** The serving function's security group. */
  readonly serving: ISecurityGroup

  constructor(scope: Construct, id: string, { environment, vpc }: NetworkProps) {
    super(scope, id)
    this.vpc = vpc.kind === 'new' ? newVpc(this, environment, vpc.cidr) : givenVpc(this, vpc)
    this.subnets = this.vpc.isolatedSubnets
    this.serving = new SecurityGroup(this, 'Serving', {
      vpc: this.vpc,
      description: 'The serving function: calls out, and is called by nobody',
    })
    if (vpc.kind !== 'new') return
    const { APPCONFIGDATA, KINESIS_FIREHOSE } = InterfaceVpcEndpointAwsService
    this.way('AppConfig', APPCONFIGDATA, 'Serving hears of rollouts')
    if (environment.recordAnswers !== null) this.way('Firehose', KINESIS_FIREHOSE, 'Serving records answers')
  }

  /** Adds an interface endpoint, for services that have no gateway endpoint as DynamoDB and S3 have. */
  private way(id: string, service: InterfaceVpcEndpointAwsService, why: string): void {
    const endpoint = this.vpc.addInterfaceEndpoint(id, {
      service,
      subnets: { subnets: [...this.subnets] },
      open: false,
    })
    endpoint.connections.allowDefaultPortFrom(this.serving, why)
  }

  /** The network settings of the serving function. */
  get placement() {
    return {
      vpc: this.vpc,
      vpcSubnets: { subnets: [...this.subnets] },
      securityGroups: [this.serving],
    }
  }
}

function newVpc(scope: Construct, environment: EnvironmentPlan, cidr: string): IVpc {
  const vpc = new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr(cidr),
    availabilityZones: Array.from({ length: ZONES }, (_, i) => Fn.select(i, Fn.getAzs())),
    subnetConfiguration: [{ name: 'private', subnetType: SubnetType.PRIVATE_ISOLATED }],
    // CDK would add a Lambda function to do that.
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: {
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      S3: { service: GatewayVpcEndpointAwsService.S3 },
    },
  })
  const log = new LogGroup(scope, 'FlowLog', {
    logGroupName: `/quern/${environment.name}/network`,
    retention: environment.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(log),
    trafficType: FlowLogTrafficType.REJECT,
  })
  // The cast is needed because CDK's class does not match its interface under exactOptionalPropertyTypes.
  return vpc as IVpc
}

const givenVpc = (scope: Construct, vpc: Extract<VpcPlan, { kind: 'given' }>): IVpc =>
  Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: vpc.vpcId,
    availabilityZones: [...vpc.availabilityZones],
    isolatedSubnetIds: [...vpc.subnetIds],
  })
