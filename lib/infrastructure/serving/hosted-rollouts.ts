import { Stack } from 'aws-cdk-lib'
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from 'aws-cdk-lib/aws-appconfig'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { NO_ROLLOUTS } from '../../online/rollout/rollout.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { alarmAbove, awsMetric } from '../monitoring/alarm.ts'
import { namesOf } from '../names.ts'
import { dataRemoval } from '../parts/stateful.ts'
import type { ServingApi } from './serving-api.ts'

export interface HostedRolloutsProps {
  readonly environment: EnvironmentPlan
  readonly api: ServingApi
}

/** The serving function's variable: the names `<application>/<environment>/<profile>`. */
export const rolloutsVariable = (environment: EnvironmentPlan): string =>
  `${namesOf(environment).prefix}/${environment.name}/${PROFILE}`

const PROFILE = 'rollouts'

/** A new configuration is active at once. An alarm within this time restores the previous configuration. */
const WATCHED_MINUTES = 10

/** The rollout configuration in AppConfig. It changes while the store serves, without a deployment of this stack. */
export class HostedRollouts extends Construct {
  /** AppConfig's identifiers, for the command line. */
  readonly place: {
    readonly applicationId: string
    readonly environmentId: string
    readonly profileId: string
    readonly strategyId: string
  }

  constructor(scope: Construct, id: string, { environment, api }: HostedRolloutsProps) {
    super(scope, id)
    const { prefix } = namesOf(environment)
    const application = new CfnApplication(this, 'Application', {
      name: prefix,
      description: `Rollouts of the feature store ${environment.name}`,
    })
    const applicationId = application.ref
    const stage = new CfnEnvironment(this, 'Environment', {
      applicationId,
      name: environment.name,
      monitors: [this.monitor(this.failures(api))],
    })
    const profile = new CfnConfigurationProfile(this, 'Profile', {
      applicationId,
      name: PROFILE,
      locationUri: 'hosted',
      type: 'AWS.Freeform',
    })
    const strategy = new CfnDeploymentStrategy(this, 'Strategy', {
      name: `${prefix}-rollouts`,
      description: 'At once, and watched for a while',
      deploymentDurationInMinutes: 0,
      finalBakeTimeInMinutes: WATCHED_MINUTES,
      growthFactor: 100,
      replicateTo: 'NONE',
    })
    this.place = {
      applicationId,
      environmentId: stage.ref,
      profileId: profile.ref,
      strategyId: strategy.ref,
    }
    this.begin()
    for (const resource of [application, stage, profile])
      resource.applyRemovalPolicy(dataRemoval(environment))
  }

  /** Grants the whole application: with the ids of its parts, the function would depend on its own API's alarm. */
  grantRead(grantee: IGrantable): void {
    const resourceName = `${this.place.applicationId}/environment/*/configuration/*`
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
        resources: [
          Stack.of(this).formatArn({ service: 'appconfig', resource: 'application', resourceName }),
        ],
      }),
    )
  }

  /** Deploys an empty configuration, because reads need one. Operators write later configurations, outside this stack. */
  private begin(): void {
    const { applicationId, environmentId, profileId, strategyId } = this.place
    const empty = new CfnHostedConfigurationVersion(this, 'EmptyBook', {
      applicationId,
      configurationProfileId: profileId,
      contentType: 'application/json',
      content: JSON.stringify(NO_ROLLOUTS),
    })
    new CfnDeployment(this, 'FirstDeployment', {
      applicationId,
      environmentId,
      configurationProfileId: profileId,
      configurationVersion: empty.ref,
      deploymentStrategyId: strategyId,
    })
  }

  private failures({ apiId }: ServingApi): Alarm {
    return alarmAbove(this, 'Failures', {
      metric: awsMetric({
        namespace: 'AWS/ApiGateway',
        name: '5xx',
        of: { ApiId: apiId },
        statistic: 'Average',
      }),
      description: 'More than 1% of requests fail after a change of rollouts: it is taken back',
      threshold: 0.01,
    })
  }

  private monitor({ alarmArn }: Alarm) {
    const role = new Role(this, 'Watching', {
      assumedBy: new ServicePrincipal('appconfig.amazonaws.com'),
      description: 'AppConfig looks at the alarm that takes a change of rollouts back',
    })
    role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: [alarmArn] }))
    return { alarmArn, alarmRoleArn: role.roleArn }
  }
}
