/** The offline store: Athena scans and S3 storage. */
import { type Plan, type ServicePlan, type ViewPlan, viewOf } from '../plan/plan.ts'
import { viewRefsRead } from '../plan/view-refs.ts'
import {
  BATCH_DAYS,
  BATCH_READS,
  GET_BYTES,
  HISTORY_READS,
  idleQueries,
  JOIN_READS,
  LEAST_SCAN_BYTES,
  PUTS_A_RUN,
  QUERIES,
  SELECT_READS,
  TRAINING_SET_MONTHS,
} from './assumptions.ts'
import { type CostAllocation, GB, ofService, ofView, TB, total, type Usage } from './line.ts'
import { historyBytes, keyBytes, trainingBytes } from './row-bytes.ts'
import type { RunLoad, ViewLoad } from './run-load.ts'
import type { Workload } from './workload.ts'

export interface OfflineProps {
  readonly plan: Plan
  readonly workload: Workload
  readonly runs: readonly RunLoad[]
}

export function offlineUsage(props: OfflineProps): readonly Usage[] {
  const { plan, runs } = props
  return [
    ...Object.values(plan.views).map(view => history(props, view)),
    ...runs.flatMap(run => run.views.flatMap(load => runQueries(props, run, load))),
    ...Object.values(plan.services).flatMap(service => trainingSets(props, service)),
  ]
}

/** The rows of this many days, limited to the length of the history. */
function rowsOfDays({ views }: Workload, view: ViewPlan, days: number): number {
  const { rowsPerDay = 0, pushedPerDay = 0, historyDays = 0 } = views[view.key] ?? {}
  return (rowsPerDay + pushedPerDay) * Math.min(days, historyDays)
}

/**
 * Rows in the table of a view: one for each entity that never changes, and the rows that arrived since. For events,
 * all of them.
 */
export function historyRows({ views }: Workload, view: ViewPlan): number {
  const { entities = 0, rowsPerDay = 0, pushedPerDay = 0, historyDays = 0 } = views[view.key] ?? {}
  const before = view.aggregates === null ? entities : 0
  return before + (rowsPerDay + pushedPerDay) * historyDays
}

const history = ({ workload }: OfflineProps, view: ViewPlan): Usage => ({
  service: 'S3',
  owner: ofView(view.key),
  what: 'history kept',
  price: 's3Storage',
  quantity: (historyRows(workload, view) * historyBytes(view)) / GB,
})

/** Each query is billed for at least the minimum. Bytes of tables are added. */
function scan(owner: CostAllocation, what: string, queries: number, bytes: number): readonly Usage[] {
  return [
    {
      service: 'Athena',
      owner,
      what,
      price: 'athenaScan',
      quantity: (queries * LEAST_SCAN_BYTES + bytes) / TB,
    },
    { service: 'S3', owner, what: 'files read', price: 's3Get', quantity: queries * 3 + bytes / GET_BYTES },
  ]
}

function runQueries(
  { plan, workload }: OfflineProps,
  { runsPerMonth }: RunLoad,
  load: ViewLoad,
): readonly Usage[] {
  const view = viewOf(plan, load.view)
  const owner = ofView(view.key)
  const { changedRuns, selects } = load
  const compared = rowsOfDays(workload, view, BATCH_DAYS) * keyBytes(view) * HISTORY_READS
  const arrived = load.rows * historyBytes(view)
  const chosen = selects ? changedRuns : 0
  return [
    ...scan(owner, 'runs that find nothing new', (runsPerMonth - changedRuns) * idleQueries(load), 0),
    ...scan(owner, 'ingest', changedRuns * QUERIES.ingest, changedRuns * (compared + BATCH_READS * arrived)),
    ...scan(owner, 'choice of the newest rows', chosen * QUERIES.select, chosen * SELECT_READS * arrived),
    { service: 'S3', owner, what: 'files written', price: 's3Put', quantity: changedRuns * PUTS_A_RUN },
  ]
}

/**
 * Counts the whole history, which is conservative: a spine of some days reads only the days that the views' TTLs can
 * reach.
 */
function trainingSets({ plan, workload }: OfflineProps, service: ServicePlan): readonly Usage[] {
  const { trainingSetsPerMonth = 0, spineRows = 0 } = workload.services[service.name] ?? {}
  const views = viewRefsRead(service).map(({ view }) => viewOf(plan, view))
  const owner = ofService(service.name)
  const scanned = total(views, view => historyRows(workload, view) * historyBytes(view)) * JOIN_READS
  const row = total(views, trainingBytes)
  return [
    ...scan(
      owner,
      'training sets',
      trainingSetsPerMonth * QUERIES.trainingSet,
      trainingSetsPerMonth * scanned,
    ),
    {
      service: 'S3',
      owner,
      what: 'training sets kept',
      price: 's3Storage',
      quantity: (trainingSetsPerMonth * TRAINING_SET_MONTHS * spineRows * row) / GB,
    },
  ]
}
