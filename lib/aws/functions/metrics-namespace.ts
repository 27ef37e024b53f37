/** CloudWatch namespace of a function's metrics. Each environment has its own, because several may share an account. */
import type { Variables } from './environment.ts'

/** Call this at the first event, not at import. */
export const metricsNamespace = ({ QUERN_ENVIRONMENT: name }: Variables = process.env): string =>
  name === undefined ? 'quern' : `quern/${name}`
