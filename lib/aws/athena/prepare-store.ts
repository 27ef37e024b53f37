/**
 * What a deploy does to the offline store: makes the tables that the plan has and the store lacks, adds the columns that
 * a table lacks, publishes what analysts query. It only ever adds, and may be run again at any time.
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
  /** `s3://bucket/path` of the folder in which the training sets' manifests lie. */
  readonly manifests: string
  /** The same of the folder in which pushed lines lie. */
  readonly pushed: string
}

/** What it came to, by the views' keys. */
export interface PreparedStore {
  /** Tables that were made. */
  readonly made: readonly string[]
  /** Tables that got columns, and which. */
  readonly grown: Readonly<Record<string, readonly string[]>>
  /** Tables that were as they should be. */
  readonly standing: number
}

/** Tables at a time; Athena runs at least 20 statements of DDL at once. */
const AT_A_TIME = 8

/** @throws {StoreError} `table-changed` if a table is not what quern made; `table-gone` if it is lost, but not its files */
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
