import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { ROUTES, type RouteName } from '../../online/serving/routes.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'

export interface ServingApiProps {
  readonly environment: EnvironmentPlan
  readonly handler: IFunction
  /** The function for pushed events; null: the plan has no stream to push to. */
  readonly push: IFunction | null
}

/** Routes without IAM, for load balancers and probes. They return only that the function runs, and its plan's hash. */
const PUBLIC: readonly RouteName[] = ['health']

/** The routes of lib/online/serving/routes.ts over HTTPS, with IAM authorization. */
export class ServingApi extends Construct {
  readonly url: string
  readonly apiId: string
  private readonly api: HttpApi

  constructor(scope: Construct, id: string, { environment, handler, push }: ServingApiProps) {
    super(scope, id)
    const { prefix } = namesOf(environment)
    this.api = new HttpApi(this, 'Http', {
      apiName: prefix,
      description: `Online features of the store ${environment.name}, by Feast's protocol`,
      createDefaultStage: false,
      defaultAuthorizer: new HttpIamAuthorizer(),
    })
    this.url = this.api.apiEndpoint
    this.apiId = this.api.apiId
    this.routes(handler)
    if (push !== null) this.pushRoute(push)
    this.stage(environment)
  }

  /** ARN of the route that consumers read from. */
  get callable(): string {
    const { method, path } = ROUTES.getOnlineFeatures
    return this.api.arnForExecuteApi(method, path, '$default')
  }

  /** ARNs of the push routes for the given stream names and view keys. */
  pushable(names: readonly string[]): readonly string[] {
    const { method, path } = ROUTES.pushEvents
    return names.map(name => this.api.arnForExecuteApi(method, path.replace('{source}', name), '$default'))
  }

  private routes(handler: IFunction): void {
    const integration = new HttpLambdaIntegration('Serve', handler)
    const { pushEvents: _, ...read } = ROUTES
    for (const [name, { method, path }] of Object.entries(read))
      this.api.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration,
        ...(PUBLIC.some(route => route === name) ? { authorizer: new HttpNoneAuthorizer() } : {}),
      })
  }

  private pushRoute(push: IFunction): void {
    const { method, path } = ROUTES.pushEvents
    const integration = new HttpLambdaIntegration('Push', push)
    this.api.addRoutes({ path, methods: [HttpMethod[method]], integration })
  }

  private stage({ name, throttle, logRetentionDays }: EnvironmentPlan): void {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: `/quern/${name}/api-access`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: throttle.ratePerSecond, burstLimit: throttle.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: ACCESS_LOG },
    })
  }
}

/** Access log: caller, route, status and duration, but never entity keys or values. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: AccessLogField.contextRequestTimeEpoch(),
    request_id: AccessLogField.contextRequestId(),
    caller: AccessLogField.contextIdentityUserArn(),
    ip: AccessLogField.contextIdentitySourceIp(),
    route: '$context.routeKey',
    status: AccessLogField.contextStatus(),
    ms: AccessLogField.contextResponseLatency(),
    integration_ms: AccessLogField.contextIntegrationLatency(),
    bytes: AccessLogField.contextResponseLength(),
    error: AccessLogField.contextErrorMessage(),
  }),
)
