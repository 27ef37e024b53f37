/**
 * Prepares the offline store during a deploy. It creates missing tables, adds missing columns and publishes the views
 * for analysts. It only adds, so it can run again at any time.
 */
import type { GlueClient } from '@aws-sdk/client-glue'
import type { Plan } from '../../plan/plan.ts'
import { concurrently } from '../retry.ts'
import type { AthenaEngine } from './athena-engine.ts'
import type { IcebergOfflineStore } from './iceberg-offline-store.ts'
import { publishViews } from './publish-views.ts'
import { preparePushedTables } from './pushed-tables.ts'
import { prepareTrainingSetsTable } from './training-sets-table.ts'

export interface PrepareStoreProps {
  readonly plan: Plan
  readonly engine: AthenaEngine
  readonly offline: IcebergOfflineStore
  readonly glue: GlueClient
  readonly database: string
  /** `s3://bucket/path` of the folder of training-set manifests. */
  readonly manifests: string
  /** `s3://bucket/path` of the folder of pushed lines. */
  readonly pushed: string
}

/** The result, by view key. */
export interface PreparedStore {
  /** Keys of views whose table was created. */
  readonly made: readonly string[]
  /** Columns that were added, by view key. */
  readonly grown: Readonly<Record<string, readonly string[]>>
  /** Number of tables that needed no change. */
  readonly standing: number
}

/** Number of tables prepared concurrently. Athena runs at least 20 DDL statements at once. */
const AT_A_TIME = 8

/**
 * @throws {StoreError} `table-changed` if a table is not as quern created it; `table-gone` if a table is missing but
 * its files exist
 */
export async function prepareStore(props: PrepareStoreProps): Promise<PreparedStore> {
  const { plan, engine, offline, glue, database, manifests, pushed } = props
  const views = Object.values(plan.views)
  const done = await concurrently(views, AT_A_TIME, async view => ({
    key: view.key,
    change: await offline.prepare(view),
  }))
  await prepareTrainingSetsTable({ glue, database, location: manifests })
  await preparePushedTables({ glue, database, location: pushed }, plan)
  await publishViews({ engine, glue, database }, plan)
  return {
    made: done.filter(({ change }) => change.made).map(({ key }) => key),
    grown: Object.fromEntries(
      done.filter(({ change }) => change.columns.length > 0).map(({ key, change }) => [key, change.columns]),
    ),
    standing: done.filter(({ change }) => !change.made && change.columns.length === 0).length,
  }
}
