/** Environments and plans that between them have every kind of resource. */
import {
  aggregateView,
  consumer,
  count,
  days,
  type EnvironmentProps,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  milliseconds,
  minutes,
  pick,
  streamSource,
  tableSource,
  unmasked,
  viewSource,
} from 'quern'
import { compile } from '../../lib/compiler/compile.ts'

const ACCOUNT = '123456789012'

/** All that an environment can ask for. */
export const FULL: Partial<EnvironmentProps> = {
  name: 'full',
  account: ACCOUNT,
  tags: { team: 'ml' },
  replicas: ['eu-west-1'],
  contributorInsights: true,
  dax: { nodeType: 'dax.r5.large', itemTtl: minutes(10) },
  alarms: { email: 'oncall@example.com', topicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:oncall` },
  budget: 1_000,
  concurrency: { reserved: 100, provisioned: 5, chunks: 32 },
  throttle: { ratePerSecond: 50, burst: 75 },
  canary: 'Linear10PercentEvery1Minute',
  sourcePolicies: [`arn:aws:iam::${ACCOUNT}:policy/read-orders`],
  dataEvents: true,
  tracing: true,
  pushShards: 4,
  recordAnswers: { share: 0.25 },
  logRetention: days(365),
}

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const orders = tableSource({
  name: 'orders',
  database: 'shop',
  table: 'orders',
  eventTimestamp: 'paid_at',
  local: { folder: 'data/orders' },
})
const tickets = tableSource({
  name: 'tickets',
  catalog: 'postgres',
  database: 'support',
  table: 'tickets',
  eventTimestamp: 'opened_at',
  local: { folder: 'data/tickets' },
})
const files = fileSource({ name: 'files', path: 'files.parquet', eventTimestamp: 'at' })
const view = { entities: [user], features: { count: 'int64' } } as const

const spent = featureView({
  ...view,
  name: 'spent',
  source: orders,
  schedule: { every: hours(1) },
  freshness: minutes(90),
  maxStaleness: minutes(10),
})
const spentTwice = featureView({
  ...view,
  name: 'spent_twice',
  source: viewSource({ view: 'spent' }),
  schedule: { every: hours(1) },
})
const opened = featureView({
  ...view,
  name: 'opened',
  source: tickets,
  schedule: { cron: '0 6 ? * MON-FRI *' },
})
const kept = featureView({ ...view, name: 'kept', source: files, schedule: { every: hours(1) } })
const archived = featureView({
  ...view,
  name: 'archived',
  source: orders,
  online: false,
  schedule: { every: hours(1) },
})
const clicks = streamSource({
  name: 'clicks',
  schema: { user: 'string', page: 'string' },
  eventTimestamp: 'at',
  eventId: ['page'],
  stream: 'website-clicks',
})
const visits = aggregateView({
  name: 'visits',
  entities: [user],
  source: clicks,
  aggregations: [count()],
  windows: [hours(1)],
})
const worth = featureService({
  name: 'worth',
  features: [pick(spent, ['count']), pick(opened, ['count'])],
  latency: milliseconds(20),
})

/** Sources of every kind, views that need each other, consumers here and elsewhere. */
export const SHOP = compile([
  worth,
  spentTwice,
  kept,
  archived,
  visits,
  consumer({
    name: 'scorer',
    principals: [`arn:aws:iam::${ACCOUNT}:role/models/scorer`, `arn:aws:iam::${ACCOUNT}:user/tester`],
    grants: [worth, unmasked(spent)],
  }),
  consumer({
    name: 'partner',
    principals: ['arn:aws:iam::210987654321:role/partner'],
    grants: [spent],
  }),
])
