/** What the plan has that only fits some partitions, accounts or stores, against the environments that it is deployed to. */
import { partitionOfArn, partitionOfRegion } from './aws-regions.ts'
import type { EnvironmentPlan } from './environment-plan.ts'
import { type Place, show } from './place.ts'
import type { Plan } from './plan.ts'
import { streamsOf } from './streams-of.ts'

type Environments = readonly EnvironmentPlan[]
type PlaceAt = (path: string) => Place

export function checkPartitions(plan: Plan, environments: Environments, at: PlaceAt): void {
  checkPrincipals(plan, environments, at)
  checkStreams(plan, environments, at)
}

/** One consumer may have a role in each partition; a role whose partition no environment is in calls none of the stores. */
function checkPrincipals(plan: Plan, environments: Environments, at: PlaceAt): void {
  const partitions = new Set(environments.flatMap(({ region }) => partitionOfRegion(region) ?? []))
  if (partitions.size === 0) return
  for (const { name, principals } of Object.values(plan.consumers))
    for (const arn of principals)
      if (!partitions.has(partitionOfArn(arn)))
        at(`consumer ${name}`)
          .inside('principals')
          .mistake('other-partition', show(arn), {
            allowed: `ARNs of ${[...partitions].join(', ')}, where the environments are`,
          })
}

/** The store's own stream would be read twice, once as the store's and once as this. */
function checkStreams(plan: Plan, environments: Environments, at: PlaceAt): void {
  const owns = new Set(environments.map(({ name }) => `quern-${name}-pushed`))
  for (const { name, stream } of streamsOf(plan))
    if (stream !== null && owns.has(stream))
      at(`source ${name}`).inside('stream').mistake('reserved-name', show(stream), {
        allowed: 'a stream of your own',
        remedy: 'leave it out: events then come by the store’s own stream',
      })
}
