import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import type { Alias } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { Canary, EnvironmentPlan } from '../../plan/environment-plan.ts'
import { alarmAbove, awsMetric } from '../monitoring/alarm.ts'
import { namesOf } from '../names.ts'
import type { PlanFunction } from '../parts/plan-function.ts'
import type { ServingApi } from './serving-api.ts'

export interface RolloutProps {
  readonly environment: EnvironmentPlan
  readonly canary: Exclude<Canary, 'all-at-once'>
  readonly serve: PlanFunction
  readonly live: Alias
  readonly api: ServingApi
}

/** The Lambda deployment: shifts a share of the requests to the new version first, and rolls back on an alarm. */
export class Rollout extends Construct {
  constructor(scope: Construct, id: string, { environment, canary, serve, live, api }: RolloutProps) {
    super(scope, id)
    const { prefix } = namesOf(environment)
    const config = `CodeDeployDefault.Lambda${canary}`
    new LambdaDeploymentGroup(this, 'Group', {
      application: new LambdaApplication(this, 'Application', { applicationName: prefix }),
      deploymentGroupName: prefix,
      alias: live,
      deploymentConfig: LambdaDeploymentConfig.fromLambdaDeploymentConfigName(this, 'Config', config),
      alarms: [this.crashes(serve, live), this.failures(api)],
    })
  }

  /** Watches errors of the new version only. */
  private crashes({ functionName, currentVersion }: PlanFunction, { aliasName }: Alias) {
    return alarmAbove(this, 'Crashes', {
      metric: awsMetric({
        namespace: 'AWS/Lambda',
        name: 'Errors',
        of: {
          FunctionName: functionName,
          Resource: `${functionName}:${aliasName}`,
          ExecutedVersion: currentVersion.version,
        },
        statistic: 'Sum',
      }),
      description:
        'The new version of the serving function crashes or times out: its requests go back to the old one',
      threshold: 0,
    })
  }

  /** Watches 5xx responses of both versions, because a function that returns a 5xx response has not crashed. */
  private failures({ apiId }: ServingApi) {
    return alarmAbove(this, 'Failures', {
      metric: awsMetric({
        namespace: 'AWS/ApiGateway',
        name: '5xx',
        of: { ApiId: apiId },
        statistic: 'Average',
      }),
      description: 'More than 1% of requests fail during a rollout: they go back to the old version',
      threshold: 0.01,
    })
  }
}
