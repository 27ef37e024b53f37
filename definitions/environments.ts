/** Where the example is deployed: `npx cdk deploy --all -c env=dev`. */
import { days, environment } from 'quern'

/** For trials: all goes with its stacks, and a new version answers at once. */
export const dev = environment({
  name: 'dev',
  region: 'eu-central-1',
  tags: { stage: 'dev' },
  removal: 'destroy',
  noncurrentVersions: days(1),
  logRetention: days(14),
  scanLimitBytes: 100e9,
  canary: 'all-at-once',
})

export const prod = environment({
  name: 'prod',
  region: 'eu-central-1',
  tags: { stage: 'prod' },
  alarms: { email: 'oncall@example.com' },
  budget: 500,
  concurrency: { reserved: 200, provisioned: 2, chunks: 16 },
  tracing: true,
  contributorInsights: true,
  dataEvents: true,
})
