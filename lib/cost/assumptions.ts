/**
 * What no plan and no workload says, in one place: how much work the store's own parts make of it. Counted in the code,
 * measured, or taken on the safe side, as each says; nothing of it was measured in AWS.
 */

/** Athena bills no query for less. */
export const LEAST_SCAN_BYTES = 10 * 2 ** 20

/** Statements of Athena that read, by the code (lib/verbs, lib/aws): what they read beside the least is counted apart. */
export const QUERIES = {
  /** The table's state, and the columns of that query. */
  current: 2,
  /** Its state, the choice of rows with its columns, and the list of the files written. */
  select: 6,
  /** Ingest that finds the source unchanged. */
  unchanged: 2,
  /** Columns, checks, counts, the table's state three times, and the MERGE. */
  ingest: 17,
  /** Spine, content, join, columns, files. */
  trainingSet: 14,
} as const

/** Of a view in a run that finds nothing new. */
export const idleQueries = ({
  ingests,
  selects,
}: {
  readonly ingests: boolean
  readonly selects: boolean
}): number => (ingests ? QUERIES.unchanged : 0) + (selects ? QUERIES.current : 0)

/** How often a batch's rows are read on their way in: checked, counted, merged. */
export const BATCH_READS = 3
/** Ingest reads keys and hashes of the days that a batch is of: once for each key's newest word, once beside it. */
export const HISTORY_READS = 2
/** Days of event timestamps that a batch touches: it comes over a midnight, or a little late. */
export const BATCH_DAYS = 2
/** Choosing the newest rows reads the new batches for the newest instant, and for the rows. */
export const SELECT_READS = 2
/** A training set reads a view's keys, and then the rows that won. */
export const JOIN_READS = 2

/** Until a query's answer is there, of a small query; a function waits for it. */
export const QUERY_SECONDS = 2

/** Rows that one invocation writes; more only where a view would have more chunks than {@link MAX_CHUNKS}. */
export const CHUNK_ROWS = 6_144
export const MAX_CHUNKS = 600
/** Locally 0.3 ms of a core; a function of 1,024 MB has 0.6 of one. */
export const WRITE_MS_A_ROW = 0.5

/** Memory of functions, as lib/infrastructure deploys them. */
export const MEMORY_GB = { serving: 1, tasks: 0.5, writing: 1, pushing: 0.5 } as const

/** A request's time in the function: 5 ms for DynamoDB's first answer, its own CPU (docs/benchmarks.md), and each key's part. */
export const SERVING_MS = { request: 8, key: 0.1 } as const
/** Keys that one BatchGetItem takes. */
export const KEYS_A_CALL = 100

/** Of a request: the access line and the metrics' line as measured (428 and 817 bytes), Lambda's own two and the API's. */
export const REQUEST_LOG_BYTES = 2_300
/** Of an invocation in a run: its own line and Lambda's two. */
export const TASK_LOG_BYTES = 1_000
/** Of a state in a run's log. */
export const STATE_LOG_BYTES = 800

/** Records that the function behind the stream takes at once. */
export const PUSH_BATCH = 100
/** It waits so long for more of them. */
export const PUSH_WINDOW_SECONDS = 1
/** Of `POST /push/{source}`: a call of Kinesis, and its own CPU. */
export const POSTING_MS = 20
/** Data Firehose rounds each record up. */
export const FIREHOSE_RECORD_BYTES = 5 * 1_024
/** A Kinesis put unit. */
export const PUT_UNIT_BYTES = 25 * 1_024

/** Training sets that are kept, in months. */
export const TRAINING_SET_MONTHS = 12
/** Files that a change of a table writes: data, manifests, metadata, results. */
export const PUTS_A_RUN = 30
/** Bytes that Athena asks S3 for at a time. */
export const GET_BYTES = 8 * 2 ** 20

/** DynamoDB asks KMS anew every 5 minutes, for each of three functions; S3 has a bucket key. */
export const KEY_REQUESTS = 3 * 12 * 730

/**
 * Metrics by the embedded format (lambdas/access-log.ts, lambdas/report-run.ts, lambdas/push-rows.ts,
 * lambdas/push-events.ts), and each route's own by API Gateway.
 */
export const METRICS = { service: 11, view: 4, pushedView: 1, push: 2, posting: 1, route: 6 } as const
/** Alarms, as lib/infrastructure makes them; a view that is to be fresh has one more. A stream is one beside the store's own. */
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
/** Of the dashboards, which have 200 each. */
export const WIDGETS = { store: 7, dax: 2, service: 2, view: 1, page: 200 } as const
/** X-Ray's own rule: one a second, and 5% of the others. */
export const TRACES = { perSecond: 1, share: 0.05 } as const
/** Most accessed and most throttled keys, by partition and sort key. */
export const INSIGHT_RULES = 4

/** Of a recorded answer's line: what is the same in all of a service, and a value beside its name. */
export const RECORD_BYTES = { head: 260, value: 20 } as const
