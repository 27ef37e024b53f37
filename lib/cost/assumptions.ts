/**
 * The constants of the estimate that neither the plan nor the workload states: how much work the parts of the store
 * do. Each is counted in the code, measured, or chosen conservatively, as its comment says. Nothing was measured in
 * AWS.
 */

/** The least bytes that Athena bills for a query. */
export const LEAST_SCAN_BYTES = 10 * 2 ** 20

/**
 * Reading statements of Athena, counted in the code (lib/verbs, lib/aws). Bytes beyond the billed minimum are counted
 * separately.
 */
export const QUERIES = {
  /** The state of the table, and the columns of that query. */
  current: 2,
  /** The state of the table, the selection of rows with its columns, and the list of written files. */
  select: 6,
  /** An ingest that finds the source unchanged. */
  unchanged: 2,
  /** Columns, checks, counts, the state of the table three times, and the MERGE. */
  ingest: 17,
  /** Spine, content, join, columns, files. */
  trainingSet: 14,
} as const

/** The queries for a view in a run that finds nothing new. */
export const idleQueries = ({
  ingests,
  selects,
}: {
  readonly ingests: boolean
  readonly selects: boolean
}): number => (ingests ? QUERIES.unchanged : 0) + (selects ? QUERIES.current : 0)

/** How often an ingest reads the rows of a batch: to check, to count, and to merge them. */
export const BATCH_READS = 3
/**
 * An ingest reads the keys and hashes of the batch's days twice: once for the newest arrival of each key, once for
 * the rows themselves.
 */
export const HISTORY_READS = 2
/** Days of event timestamps in a batch: it spans a midnight, or some rows are late. */
export const BATCH_DAYS = 2
/** Selecting the latest rows reads the new batches twice: for the latest instants, and for the rows. */
export const SELECT_READS = 2
/** A training set reads the keys of a view, and then the winning rows. */
export const JOIN_READS = 2

/** Duration of a small query. A function waits for it. */
export const QUERY_SECONDS = 2

/**
 * Rows that one invocation writes. It writes more only if the view would otherwise have more chunks than {@link
 * MAX_CHUNKS}.
 */
export const CHUNK_ROWS = 6_144
export const MAX_CHUNKS = 600
/** Measured locally as 0.3 ms of a core. A function of 1,024 MB has 0.6 of a core. */
export const WRITE_MS_A_ROW = 0.5

/** The memory of functions in GB, as lib/infrastructure deploys them. */
export const MEMORY_GB = { serving: 1, tasks: 0.5, writing: 1, pushing: 0.5 } as const

/**
 * Duration of a request in the function, in milliseconds: 5 ms for DynamoDB's first response, the CPU time
 * (docs/benchmarks.md), and a part per key.
 */
export const SERVING_MS = { request: 8, key: 0.1 } as const
/** The most keys of one BatchGetItem. */
export const KEYS_A_CALL = 100

/**
 * Log bytes of a request: the access line and the metrics line as measured (428 and 817 bytes), two lines of Lambda
 * and one of the API.
 */
export const REQUEST_LOG_BYTES = 2_300
/** Log bytes of an invocation in a run: its own line and two lines of Lambda. */
export const TASK_LOG_BYTES = 1_000
/** Log bytes of a state of a run. */
export const STATE_LOG_BYTES = 800

/** The most records in one invocation of the function behind the stream. */
export const PUSH_BATCH = 100
/** The longest time that the function waits for more records, in seconds. */
export const PUSH_WINDOW_SECONDS = 1
/** Duration of `POST /push/{source}`: one call of Kinesis, and the CPU time. */
export const POSTING_MS = 20
/** Data Firehose rounds each record up to this size. */
export const FIREHOSE_RECORD_BYTES = 5 * 1_024
/** The size of a Kinesis put unit. */
export const PUT_UNIT_BYTES = 25 * 1_024

/** How long training sets are stored, in months. */
export const TRAINING_SET_MONTHS = 12
/** Files that one change of a table writes: data, manifests, metadata, results. */
export const PUTS_A_RUN = 30
/** Bytes of one S3 request of Athena. */
export const GET_BYTES = 8 * 2 ** 20

/** DynamoDB calls KMS every 5 minutes for each of three functions. S3 uses a bucket key. */
export const KEY_REQUESTS = 3 * 12 * 730

/**
 * Metrics in the embedded metric format (lambdas/access-log.ts, lambdas/report-run.ts, lambdas/push-rows.ts,
 * lambdas/push-events.ts), and API Gateway's metrics of each route.
 */
export const METRICS = { service: 11, view: 4, pushedView: 1, push: 2, posting: 1, route: 6 } as const
/**
 * Alarms, as lib/infrastructure creates them. A view with a freshness limit has one more. Each stream counts in
 * addition to the store's own.
 */
export const ALARMS = {
  store: 23,
  dax: 3,
  rollout: 2,
  service: 2,
  view: 1,
  fresh: 1,
  posting: 2,
  stream: 2,
} as const
/** Widgets of the dashboards. A dashboard has at most 200. */
export const WIDGETS = { store: 7, dax: 2, service: 2, view: 1, page: 200 } as const
/** The default sampling of X-Ray: one request a second, and 5% of the others. */
export const TRACES = { perSecond: 1, share: 0.05 } as const
/** Most accessed and most throttled keys, by partition key and by sort key. */
export const INSIGHT_RULES = 4

/**
 * Bytes of a feature log line: the part that is the same for all lines of a service, and each value beside its name.
 */
export const RECORD_BYTES = { head: 260, value: 20 } as const
