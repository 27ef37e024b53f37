/** Checks parts of the plan that depend on the partitions, accounts and names of the environments. */

import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { streamsOf } from '../../plan/streams-of.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { partitionOfArn, partitionOfRegion } from './aws-regions.ts'

type Environments = readonly EnvironmentPlan[]
type PlaceAt = (path: string) => DiagnosticPath

export interface CheckedEnvironments {
  /** All environments. */
  readonly environments: Environments
  /** The environments to deploy. */
  readonly deployed: Environments
}

export function checkPartitions(
  plan: Plan,
  { environments, deployed }: CheckedEnvironments,
  at: PlaceAt,
): void {
  checkPrincipals(plan, environments, at)
  checkTrust(plan, deployed, at)
  checkStreams(plan, environments, at)
}

/** A consumer may have a role in each partition. A role in a partition without an environment can call no store. */
function checkPrincipals(plan: Plan, environments: Environments, at: PlaceAt): void {
  const partitions = new Set(environments.map(({ region }) => partitionOfRegion(region)))
  // If the region of an environment is misspelled, its partition is unknown, so no principal can be reported.
  if (partitions.size === 0 || partitions.has(null)) return
  for (const { name, principals } of Object.values(plan.consumers))
    for (const arn of principals)
      if (!partitions.has(partitionOfArn(arn)))
        at(`consumer ${name}`)
          .inside('principals')
          .report('other-partition', show(arn), {
            allowed: `ARNs of ${[...partitions].join(', ')}, where the environments are`,
          })
}

/** IAM's limit for a trust policy, in characters; and the size of the policy without the ARNs. */
const MAX_TRUST = 2_048
const AROUND = 120

/** Principals of other accounts assume a role of the store. Its one trust policy lists all of them. */
function checkTrust(plan: Plan, environments: Environments, at: PlaceAt): void {
  for (const { name, principals } of Object.values(plan.consumers)) {
    const characters = environments.map(({ account, region }) =>
      principals
        .filter(arn => partitionOfArn(arn) === partitionOfRegion(region) && arn.split(':')[4] !== account)
        .reduce((sum, arn) => sum + arn.length + 3, AROUND),
    )
    if (Math.max(0, ...characters) > MAX_TRUST)
      at(`consumer ${name}`)
        .inside('principals')
        .report('too-many-principals', `${principals.length} principals`)
  }
}

/** The store's own stream would be read twice: as its own stream and as this source. */
function checkStreams(plan: Plan, environments: Environments, at: PlaceAt): void {
  const owns = new Set(environments.map(({ name }) => `quern-${name}-pushed`))
  for (const { name, stream } of streamsOf(plan))
    if (stream !== null && owns.has(stream))
      at(`source ${name}`).inside('stream').report('reserved-name', show(stream), {
        allowed: 'a stream of your own',
        remedy: 'leave it out: events then come by the store’s own stream',
      })
}
