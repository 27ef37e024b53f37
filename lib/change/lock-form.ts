/** The zod schema of the lock file. Each feature is one line of the file. */
import { z } from 'zod'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const texts = z.record(z.string(), z.string()).readonly()
const lines = z.array(z.string()).readonly()
/** Public keys by name of approver; null: no key. */
const approvers = z.record(z.string(), z.string().nullable()).readonly()

const times = { eventTimestamp: z.string(), createdTimestamp: z.string().nullable() }
const columns = { ...times, columns: texts }
const source = z.union([
  z.strictObject({ view: z.string() }),
  z.strictObject({
    kind: z.literal('file'),
    path: z.string(),
    format: z.enum(['parquet', 'csv', 'jsonl']),
    csv: z.strictObject({ delimiter: z.string(), nulls: lines }).readonly().exactOptional(),
    ...columns,
  }),
  z.strictObject({
    kind: z.literal('table'),
    catalog: z.string(),
    database: z.string(),
    table: z.string(),
    ...columns,
  }),
  z.strictObject({
    kind: z.literal('stream'),
    eventId: lines,
    history: z.strictObject({ source: z.string(), query: lines.nullable() }).readonly().nullable(),
    stream: z.string().nullable(),
    ...columns,
  }),
])

const aggregates = z.strictObject({
  /** Event columns by join key. */
  keysFrom: texts,
  eventId: lines,
  /** By feature: `mean of arr_delay over 7 d by 1 h`, followed by the filter. */
  windows: texts,
})

const view = {
  joinKeys: texts,
  /** Types by name. For personal data also the mask: `string masked hash`. */
  features: texts,
  source,
  // Earlier locks have no aggregations.
  aggregates: aggregates.readonly().nullable().default(null),
  transformation: lines.nullable(),
  ...times,
  ttlMs: z.number().nullable(),
  maxStalenessMs: z.number().nullable(),
  online: z.boolean(),
  schedule: z
    .union([z.strictObject({ everyMs: z.number() }), z.strictObject({ cron: z.string() })])
    .nullable(),
  // Earlier locks have no budgets.
  freshnessMs: z.number().nullable().default(null),
  monthlyCost: z.number().nullable().default(null),
  owner: z.string(),
  approvers,
  /** Hash of description, tags, entity names and feature descriptions. */
  about: hash,
  meaning: hash,
}

const deprecation = z.strictObject({ since: day, until: day, message: z.string() }).readonly()

const lockedView = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('active'), ...view }).readonly(),
  z.strictObject({ state: z.literal('deprecated'), deprecated: deprecation, ...view }).readonly(),
  z.strictObject({ state: z.literal('retired'), retired: day, ...view }).readonly(),
])
export type LockedView = z.output<typeof lockedView>

const lockedService = z
  .strictObject({
    joinKeys: texts,
    /** By full name: `view@1:feature type as column by key=column`. */
    features: texts,
    // Earlier locks have no derived features.
    /** Types by name. */
    request: texts.default({}),
    /** Features that only derived features read, in the form of features. */
    inputs: lines.default([]),
    /** By full name: `type as column = expression`, with columns as `view@1:feature by key=column`. */
    derived: texts.default({}),
    spine: z.strictObject({ from: z.string(), query: lines }).readonly().nullable(),
    latencyMs: z.number().nullable().default(null),
    monthlyCost: z.number().nullable().default(null),
    owner: z.string(),
    approvers,
    /** Hash of description, tags and the order of columns. */
    about: hash,
  })
  .readonly()
export type LockedService = z.output<typeof lockedService>

const lockedConsumer = z
  .strictObject({
    principals: lines,
    /** Features by view, each `as it is` or `masked hash`. */
    grants: z.record(z.string(), texts).readonly(),
    // Earlier locks have no pushes.
    /** Names of streams and keys of views to which it may push. */
    pushes: lines.default([]),
    owner: z.string(),
    /** Hash of description and tags. */
    about: hash,
  })
  .readonly()
export type LockedConsumer = z.output<typeof lockedConsumer>

const approval = z
  .strictObject({
    /** The key of a view or the name of a service. */
    of: z.string(),
    /** SHA-256 of the change, see approvals.ts. */
    change: hash,
    by: z.string(),
    /** ISO 8601. */
    at: z.string(),
    /** Ed25519, in base64; null if the approver has no key. */
    signature: z.string().nullable(),
  })
  .readonly()
export type Approval = z.output<typeof approval>

export const lockForm = z
  .strictObject({
    format: z.literal(1),
    /** The hash of the plan. */
    plan: hash,
    views: z.record(z.string(), lockedView).readonly(),
    services: z.record(z.string(), lockedService).readonly(),
    consumers: z.record(z.string(), lockedConsumer).readonly(),
    approvals: z.array(approval).readonly(),
  })
  .readonly()
export type Lock = z.output<typeof lockForm>
