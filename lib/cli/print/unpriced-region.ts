import { partitionOfRegion } from '../../compiler/environment/aws-regions.ts'
import { PRICED_REGION } from '../../cost/prices.ts'

/** Why there are no prices of a region; null: there are. Other partitions have prices, and some a currency, of their own. */
export function unpricedRegion(region: string): string | null {
  const partition = partitionOfRegion(region)
  return partition === 'aws'
    ? null
    : `prices of ${region} are not known: it is in partition ${partition}, and those of ${PRICED_REGION} are not its own`
}
