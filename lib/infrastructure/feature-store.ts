import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { OfflineStore } from './data/offline-store.ts'
import { OnlineStore } from './data/online-store.ts'
import { Materialization } from './materialization/materialization.ts'
import { Monitoring } from './monitoring/monitoring.ts'
import { StoreKey } from './parts/store-key.ts'
import { StoreParameter } from './parts/store-parameter.ts'
import { StoreStack } from './parts/store-stack.ts'
import { Push } from './push/push.ts'
import { PushStream } from './push/push-stream.ts'
import { ConsumerPolicies } from './serving/consumer-policies.ts'
import { Serving } from './serving/serving.ts'

export interface FeatureStoreProps {
  /** The result of `compile`. */
  readonly plan: Plan
  /** One of the results of `compileEnvironments`. */
  readonly environment: EnvironmentPlan
}

/**
 * A feature store in one environment, as several stacks. Each stack has one reason to change; stacks with data deploy before
 * stacks with code. The construct may be in an app, a stage or a stack: it always makes its own stacks, whose names contain
 * the environment's name.
 *
 * @example
 * import { App } from 'aws-cdk-lib'
 * import { compile, compileEnvironments, FeatureStore } from 'quern/infrastructure'
 * import * as definitions from './definitions/flights.ts'
 * import * as environments from './definitions/environments.ts'
 * const plan = compile(Object.values(definitions))
 * const app = new App()
 * for (const environment of compileEnvironments(Object.values(environments), plan))
 *   new FeatureStore(app, environment.name, { plan, environment })
 */
export class FeatureStore extends Construct {
  constructor(scope: Construct, id: string, props: FeatureStoreProps) {
    super(scope, id)
    const { plan, environment } = props
    const offlineStack = this.stack(props, 'offline', 'History: bucket, key, database, workgroup', true)
    const onlineStack = this.stack(props, 'online', 'The newest rows: table, stream, secret', true)
    const materialization = this.stack(props, 'materialization', 'From history to the online table')
    const push = this.stack(props, 'push', 'Pushed rows, online and to history')
    const servingStack = this.stack(props, 'serving', 'The API that models ask')
    const monitoring = this.stack(props, 'monitoring', 'Alarms, dashboards, budget, trail')

    const offline = new OfflineStore(offlineStack, 'Offline', { environment })
    const { key } = offline
    const online = new OnlineStore(onlineStack, 'Online', { environment, key })
    new PushStream(onlineStack, 'PushStream', { environment, key })
    for (const region of environment.replicas) onlineStack.addStackDependency(this.replica(props, region))
    new Materialization(materialization, 'Materialization', { plan, environment, offline, online })
    new Push(push, 'Push', { plan, environment, offline, online })
    const serving = new Serving(servingStack, 'Serving', { plan, environment, online })
    new ConsumerPolicies(servingStack, 'Consumers', { plan, environment, online, api: serving.api })
    new StoreParameter(servingStack, 'Store', { plan, environment, online, serving })

    new Monitoring(monitoring, 'Monitoring', { plan, environment, key })

    onlineStack.addStackDependency(offlineStack)
    for (const stack of [materialization, push]) stack.addStackDependency(onlineStack)
    // The store's parameter names resources of these stacks, so they must deploy first.
    for (const stack of [materialization, push]) servingStack.addStackDependency(stack)
    monitoring.addStackDependency(offlineStack)
  }

  private stack(
    { environment }: FeatureStoreProps,
    part: string,
    what: string,
    stateful = false,
  ): StoreStack {
    const description = `Feature store ${environment.name}. ${what}`
    return new StoreStack(this, part, { environment, part, description, stateful })
  }

  /** The stack with the KMS key of a replica, in the replica's region, under the alias that the online table names. */
  private replica({ environment }: FeatureStoreProps, region: string): StoreStack {
    const stack = new StoreStack(this, `replica-${region}`, {
      environment,
      part: `replica-${region}`,
      description: `Feature store ${environment.name}. Key of the online table's replica`,
      stateful: true,
      region,
    })
    new StoreKey(stack, 'Key', environment)
    return stack
  }
}
