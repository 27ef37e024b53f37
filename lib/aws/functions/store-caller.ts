/** Resolves the caller of the deployed store; the function's environment variable names the store's environment. */
import { callerByRole } from '../../online/access/consumer-role.ts'

/** Maps the store's own role of a consumer to that consumer; returns any other caller unchanged. */
export function storeCaller(arn: string, account: string): string {
  const environment = process.env['QUERN_ENVIRONMENT']
  return environment === undefined ? arn : callerByRole({ arn, account, environment })
}
