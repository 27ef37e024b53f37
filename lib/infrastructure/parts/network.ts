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

/** Zones of a new network; every region has as many. */
const ZONES = 2

/** Private subnets, from which serving reaches DynamoDB, S3, AppConfig and, where they are, Data Firehose and the DAX cluster; nothing reaches them. */
export class Network extends Construct {
  readonly vpc: IVpc
  readonly subnets: readonly ISubnet[]
  /** Of the serving function. */
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

  /** To a service that serving calls beside DynamoDB and S3, and that has no gateway of that kind. */
  private way(id: string, service: InterfaceVpcEndpointAwsService, why: string): void {
    const endpoint = this.vpc.addInterfaceEndpoint(id, {
      service,
      subnets: { subnets: [...this.subnets] },
      open: false,
    })
    endpoint.connections.allowDefaultPortFrom(this.serving, why)
  }

  /** Where the serving function runs. */
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
    // CDK would add a function of its own for that.
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
  // CDK's class leaves out a field that its interface may leave undefined; under exactOptionalPropertyTypes that differs.
  return vpc as IVpc
}

const givenVpc = (scope: Construct, vpc: Extract<VpcPlan, { kind: 'given' }>): IVpc =>
  Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: vpc.vpcId,
    availabilityZones: [...vpc.availabilityZones],
    isolatedSubnetIds: [...vpc.subnetIds],
  })
