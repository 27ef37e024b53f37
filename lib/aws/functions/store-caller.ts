/** Who calls the deployed store, whose environment is in the function's name for itself. */
import { callerByRole } from '../../online/access/consumer-role.ts'

/** The consumer that calls by the store's own role for it; any other caller as it is. */
export function storeCaller(arn: string, account: string): string {
  const environment = process.env['QUERN_ENVIRONMENT']
  return environment === undefined ? arn : callerByRole({ arn, account, environment })
}
