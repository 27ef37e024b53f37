/** Where a function's metrics are in CloudWatch: each environment has its own, for two may share an account. */
import type { Variables } from './environment.ts'

/** Read at the first event, not at import. */
export const metricsNamespace = ({ QUERN_ENVIRONMENT: name }: Variables = process.env): string =>
  name === undefined ? 'quern' : `quern/${name}`
