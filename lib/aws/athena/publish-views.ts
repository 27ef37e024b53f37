/**
 * Publishes the views for analysts in the Glue catalogue. A deploy replaces them from the plan after it has prepared
 * all tables.
 */
import type { GlueClient, Table } from '@aws-sdk/client-glue'
import { analystViews, newestVersions } from '../../offline/analysts/analyst-views.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { concurrently, type RetryOptions, retry } from '../retry.ts'
import type { AthenaEngine } from './athena-engine.ts'
import { glueTable } from './glue-table.ts'

export interface PublishViewsProps {
  readonly engine: AthenaEngine
  readonly glue: GlueClient
  readonly database: string
  /** Retries of calls to Glue. @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Number of feature views published concurrently. Athena runs at least 20 DDL statements at once. */
const AT_A_TIME = 4

/**
 * Replaces `<view>` and `<view>_history` of each feature view. Their tables must exist.
 * Glue replaces a view atomically: a query sees the old view or the new one. Athena rewrites the text of a view, so
 * texts cannot be compared and each view is replaced.
 * @throws {StoreError} `table-changed` if a table or view that quern did not create has the same name
 */
export async function publishViews(props: PublishViewsProps, plan: Plan): Promise<void> {
  const place = { ...props, retry: retry(props.retry) }
  await concurrently(newestVersions(plan), AT_A_TIME, async view => {
    for (const { name, sql } of analystViews(view, props.database)) {
      const found = await glueTable(place, name)
      if (found !== null && !isOwn(found, view)) throw nameTaken(view, name, props.database)
      await props.engine.run(sql)
    }
  })
}

/**
 * Athena stores a view's query as JSON in base64. A view that quern created reads the table of a version of the
 * feature view.
 */
function isOwn({ ViewOriginalText: text = '' }: Table, view: ViewPlan): boolean {
  const encoded = /Presto View: (\S+)/.exec(text)?.[1] ?? ''
  return new RegExp(`\\b${view.name}_v\\d+\\b`).test(Buffer.from(encoded, 'base64').toString())
}

const nameTaken = (view: ViewPlan, name: string, database: string): StoreError =>
  new StoreError(
    'table-changed',
    `view ${view.key}: ${name} in database ${database} was not made by quern, which gives that name to what analysts query; rename it there, or rename the view`,
  )
