/** Where an environment is in AWS, and whether what an ARN names is there too. */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { partitionOfArn, partitionOfRegion } from './aws-regions.ts'

export interface AwsPlace {
  readonly region: string
  /** Null: that of the credentials that deploy, which is not known here. */
  readonly account: string | null
}

/** An ARN's parts; the region is empty for what is of all regions, the account is `aws` for what is AWS's own. */
const partsOf = (arn: string) => {
  const [, , , region = '', account = ''] = arn.split(':')
  return { partition: partitionOfArn(arn), region, account }
}

/** Notes an ARN of another partition, region or account: AWS would refuse it there, or when it is used. */
export function checkArnPlace(place: DiagnosticPath, arn: string, own: AwsPlace): void {
  const { partition, region, account } = partsOf(arn)
  const ours = partitionOfRegion(own.region)
  // The region is no region, which is told by itself.
  if (ours === null) return
  if (partition !== ours) place.report('other-partition', show(arn), { allowed: `ARNs of ${ours}` })
  else if (region !== '' && region !== own.region)
    place.report('other-place', show(arn), { allowed: `what is in ${own.region}` })
  else if (own.account !== null && /^\d{12}$/.test(account) && account !== own.account)
    place.report('other-place', show(arn), { allowed: `what is in account ${own.account}` })
}
