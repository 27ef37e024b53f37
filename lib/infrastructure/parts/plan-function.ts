import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda'
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { namesOf } from '../names.ts'
import { functionCode } from './function-code.ts'

/** Settings of a function. All functions of the store are made here. */
export interface PlanFunctionProps
  extends Pick<FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups' | 'environmentEncryption'> {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  /** A file name of `lambdas/`, without extension. */
  readonly name: string
  readonly description: string
  /** The function's environment variables. */
  readonly variables: Readonly<Record<string, string>>
  /** @default 512 */
  readonly memoryMb?: number
  /** @default 900, Lambda's maximum */
  readonly timeoutSeconds?: number
  /** Reserved concurrency. @default the account's unreserved concurrency */
  readonly reserved?: number | null
}

/** A function of `lambdas/` with the plan, its log, and its own role, which initially may only write the log. */
export class PlanFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: PlanFunctionProps) {
    const {
      plan,
      environment,
      name,
      variables,
      memoryMb = 512,
      timeoutSeconds = 900,
      reserved = null,
    } = props
    const { prefix } = namesOf(environment)
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: `/quern/${environment.name}/${name}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of the function ${prefix}-${name}`,
    })
    logGroup.grantWrite(role)
    if (props.vpc !== undefined) role.addToPolicy(networkInterfaces())
    super(scope, id, {
      functionName: `${prefix}-${name}`,
      description: props.description,
      code: functionCode(name, plan),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      ephemeralStorageSize: Size.mebibytes(512),
      timeout: Duration.seconds(timeoutSeconds),
      environment: { QUERN_ENVIRONMENT: environment.name, ...variables },
      loggingFormat: LoggingFormat.JSON,
      tracing: environment.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      logGroup,
      role,
      ...(reserved === null ? {} : { reservedConcurrentExecutions: reserved }),
      ...network(props),
    })
  }
}

const network = ({
  vpc,
  vpcSubnets,
  securityGroups,
  environmentEncryption,
}: PlanFunctionProps): Partial<FunctionOptions> => ({
  ...(vpc === undefined ? {} : { vpc }),
  ...(vpcSubnets === undefined ? {} : { vpcSubnets }),
  ...(securityGroups === undefined ? {} : { securityGroups }),
  ...(environmentEncryption === undefined ? {} : { environmentEncryption }),
})

/** The actions that Lambda needs for a function in a network. They do not support resource-level permissions. */
const networkInterfaces = () =>
  new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  })
