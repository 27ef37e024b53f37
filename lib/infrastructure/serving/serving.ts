import { SecretValue, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { offlineStatements } from '../data/offline-access.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { Network } from '../parts/network.ts'
import { PlanFunction } from '../parts/plan-function.ts'
import { pushEventsFunction } from '../push/push-events.ts'
import { DaxCluster } from './dax-cluster.ts'
import { RecordedAnswers, recordVariables } from './feature-log.ts'
import { HostedRollouts, rolloutsVariable } from './hosted-rollouts.ts'
import { Rollout } from './rollout.ts'
import { ServingApi } from './serving-api.ts'

export interface ServingProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly online: OnlineStore
}

/** The time limit of a request including retries of reads, in milliseconds. */
const BUDGET_MS = 2_000

/** The serving API, with the resources that only it needs. Its network and DAX cluster hold no data, so they are here. */
export class Serving extends Construct {
  readonly api: ServingApi
  /** Null: the environment has no DAX cluster. */
  readonly daxEndpoint: string | null
  readonly book: HostedRollouts

  constructor(scope: Construct, id: string, props: ServingProps) {
    super(scope, id)
    const { environment, online } = props
    const { canary, vpc } = environment
    const network = vpc === null ? null : new Network(this, 'Network', { environment, vpc })
    const cluster = network === null ? null : this.cluster(props, network)
    this.daxEndpoint = cluster?.endpoint ?? null
    const serve = this.function(props, network, cluster)
    online.grant(serve, ['BatchGetItem', 'GetItem'])
    cluster?.grantRead(serve)
    const live = this.live(environment, serve)
    const push = pushEventsFunction(this, 'PushEvents', props) as IFunction | null
    this.api = new ServingApi(this, 'Api', { environment, handler: live as IFunction, push })
    this.book = new HostedRollouts(this, 'RolloutBook', { environment, api: this.api })
    this.book.grantRead(serve)
    grantPlans(serve, props)
    if (environment.recordAnswers !== null)
      new RecordedAnswers(this, 'RecordedAnswers', props).grantRecord(serve)
    if (canary !== 'all-at-once')
      new Rollout(this, 'Rollout', { environment, canary, serve, live, api: this.api })
  }

  private cluster({ plan, environment, online }: ServingProps, network: Network): DaxCluster | null {
    const { dax } = environment
    return dax === null ? null : new DaxCluster(this, 'Dax', { plan, environment, dax, network, online })
  }

  private function(
    { plan, environment, online }: ServingProps,
    network: Network | null,
    cluster: DaxCluster | null,
  ): PlanFunction {
    const { table, maskSecret, bucket } = namesOf(environment)
    return new PlanFunction(this, 'GetOnlineFeatures', {
      plan,
      environment,
      name: 'get-online-features',
      description: `Answers with features, by Feast's protocol`,
      memoryMb: 1_024,
      // Longer than the request's time limit, so that the function can still send its own error response.
      timeoutSeconds: 5,
      reserved: environment.concurrency.reserved,
      environmentEncryption: online.key,
      variables: {
        QUERN_ONLINE_TABLE: table,
        QUERN_MASK_SECRET: SecretValue.secretsManager(maskSecret).unsafeUnwrap(),
        QUERN_BUDGET_MS: String(BUDGET_MS),
        QUERN_ROLLOUTS: rolloutsVariable(environment),
        QUERN_BUCKET: bucket,
        ...recordVariables(environment),
        ...cluster?.variables,
      },
      ...network?.placement,
    })
  }

  /** The alias that API Gateway calls, independent of the version. */
  private live({ concurrency: { provisioned } }: EnvironmentPlan, serve: PlanFunction): Alias {
    return new Alias(this, 'Live', {
      aliasName: 'live',
      // The cast is needed because CDK's class does not match its interface under exactOptionalPropertyTypes.
      version: serve.currentVersion as IVersion,
      ...(provisioned === null ? {} : { provisionedConcurrentExecutions: provisioned }),
    })
  }
}

/** Grants reads of the plans that rollouts name, and writes of shadow comparison counters. */
function grantPlans(serve: PlanFunction, { environment, online }: ServingProps): void {
  const access = { reads: [FOLDERS.plans], writes: [FOLDERS.shadows] }
  for (const statement of offlineStatements(environment, Stack.of(serve), access))
    serve.addToRolePolicy(new PolicyStatement(statement))
  online.key.grantEncryptDecrypt(serve)
}
