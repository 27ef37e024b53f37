/** A compiled environment as plain data. `lib/infrastructure` reads it and the plan. It does not affect the plan's hash. */
import type { Canary } from '../definition/environment.ts'

export type { Canary } from '../definition/environment.ts'

export interface EnvironmentPlan {
  readonly name: string
  /** Null: the account of the credentials that deploy. */
  readonly account: string | null
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly removal: 'retain' | 'destroy'
  readonly noncurrentDays: number
  readonly logRetentionDays: number
  readonly scanLimitBytes: number
  /** Regions of replicas, without the region of the environment. */
  readonly replicas: readonly string[]
  readonly contributorInsights: boolean
  /** ARNs of managed policies for the ingestion role. */
  readonly sourcePolicies: readonly string[]
  readonly dax: DaxPlan | null
  readonly vpc: VpcPlan | null
  readonly alarms: AlarmsPlan
  /** US dollars per month; null: no budget. */
  readonly budget: number | null
  readonly concurrency: ConcurrencyPlan
  readonly throttle: ThrottlePlan
  readonly canary: Canary
  readonly dataEvents: boolean
  readonly tracing: boolean
  readonly pushShards: number
  /** The share of requests that the feature log records; null: none. */
  readonly recordAnswers: { readonly share: number } | null
}

export interface DaxPlan {
  readonly nodeType: string
  readonly nodes: number
  readonly itemTtlMs: number
}

export type VpcPlan =
  | { readonly kind: 'new'; readonly cidr: string }
  | {
      readonly kind: 'given'
      readonly vpcId: string
      readonly subnetIds: readonly string[]
      readonly availabilityZones: readonly string[]
    }

export interface AlarmsPlan {
  readonly email: string | null
  /** Null: a topic that the stack creates. */
  readonly topicArn: string | null
}

export interface ConcurrencyPlan {
  /** Null: the unreserved concurrency of the account. */
  readonly reserved: number | null
  /** Null: none. */
  readonly provisioned: number | null
  readonly chunks: number
}

export interface ThrottlePlan {
  readonly ratePerSecond: number
  readonly burst: number
}
