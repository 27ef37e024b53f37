/** The AWS partition, region and account of an environment, and the check that an ARN belongs to them. */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { partitionOfArn, partitionOfRegion } from './aws-regions.ts'

export interface AwsPlace {
  readonly region: string
  /** Null: the account of the credentials that deploy, which the compiler does not know. */
  readonly account: string | null
}

/** The parts of an ARN. The region is empty for global resources; the account is `aws` for resources of AWS itself. */
const partsOf = (arn: string) => {
  const [, , , region = '', account = ''] = arn.split(':')
  return { partition: partitionOfArn(arn), region, account }
}

/** Reports an ARN of another partition, region or account. AWS would refuse it when it is deployed or used. */
export function checkArnPlace(place: DiagnosticPath, arn: string, own: AwsPlace): void {
  const { partition, region, account } = partsOf(arn)
  const ours = partitionOfRegion(own.region)
  // An invalid region has its own diagnostic.
  if (ours === null) return
  if (partition !== ours) place.report('other-partition', show(arn), { allowed: `ARNs of ${ours}` })
  else if (region !== '' && region !== own.region)
    place.report('other-place', show(arn), { allowed: `what is in ${own.region}` })
  else if (own.account !== null && /^\d{12}$/.test(account) && account !== own.account)
    place.report('other-place', show(arn), { allowed: `what is in account ${own.account}` })
}
