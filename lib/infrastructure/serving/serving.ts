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

/** What a request may take, in milliseconds: within it, all reads are tried again. */
const BUDGET_MS = 2_000

/** The API that models ask, with all that only it needs: its network and DAX cluster lie here, for they hold no data. */
export class Serving extends Construct {
  readonly api: ServingApi
  /** Null: the environment asks for none. */
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
      // More than a request's own time: it answers by itself when that is up.
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

  /** The name under which API Gateway calls, whichever version answers. */
  private live({ concurrency: { provisioned } }: EnvironmentPlan, serve: PlanFunction): Alias {
    return new Alias(this, 'Live', {
      aliasName: 'live',
      // CDK's classes leave out fields that their interfaces may leave undefined (see exactOptionalPropertyTypes).
      version: serve.currentVersion as IVersion,
      ...(provisioned === null ? {} : { provisionedConcurrentExecutions: provisioned }),
    })
  }
}

/** Other plans, which rollouts name, and what their shadows have said. */
function grantPlans(serve: PlanFunction, { environment, online }: ServingProps): void {
  const access = { reads: [FOLDERS.plans], writes: [FOLDERS.shadows] }
  for (const statement of offlineStatements(environment, Stack.of(serve), access))
    serve.addToRolePolicy(new PolicyStatement(statement))
  online.key.grantEncryptDecrypt(serve)
}
