/** The views that analysts query, in the Glue catalogue: made anew from the plan, what a deploy does after all tables. */
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
  /** Of calls to Glue. @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Feature views at a time; Athena runs at least 20 statements of DDL at once. */
const AT_A_TIME = 4

/**
 * Replaces `<view>` and `<view>_history` of every feature view, whose tables must be there. A replacement is one change
 * in Glue: queries see the old view or the new one. Athena keeps a view's text in a form of its own, so that none is
 * compared.
 * @throws {StoreError} `table-changed` if a name is taken by what quern did not make
 */
export async function publishViews(props: PublishViewsProps, plan: Plan): Promise<void> {
  const place = { ...props, retry: retry(props.retry) }
  await concurrently(newestVersions(plan), AT_A_TIME, async view => {
    for (const { name, sql } of analystViews(view, props.database)) {
      const found = await glueTable(place, name)
      if (found !== null && !isOwn(found, view)) throw taken(view, name, props.database)
      await props.engine.run(sql)
    }
  })
}

/** Athena keeps a view's query as JSON in base64. A view of quern's reads the table of one of the view's versions. */
function isOwn({ ViewOriginalText: text = '' }: Table, view: ViewPlan): boolean {
  const encoded = /Presto View: (\S+)/.exec(text)?.[1] ?? ''
  return new RegExp(`\\b${view.name}_v\\d+\\b`).test(Buffer.from(encoded, 'base64').toString())
}

const taken = (view: ViewPlan, name: string, database: string): StoreError =>
  new StoreError(
    'table-changed',
    `view ${view.key}: ${name} in database ${database} was not made by quern, which gives that name to what analysts query; rename it there, or rename the view`,
  )
