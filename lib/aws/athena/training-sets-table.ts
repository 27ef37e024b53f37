/**
 * The Glue table `training_sets`: one row per manifest. Athena reads the manifest files of the store.
 * Each manifest is a file with one line of JSON, so building a training set does not change this table.
 */
import {
  CreateTableCommand,
  type GlueClient,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { type RetryOptions, retried, retry } from '../retry.ts'
import { glueTable } from './glue-table.ts'

export interface TrainingSetsTableProps {
  readonly glue: GlueClient
  readonly database: string
  /** `s3://bucket/path` of the folder of manifests. */
  readonly location: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

export const TRAINING_SETS = 'training_sets'

/**
 * Fields of lib/verbs/training-set/training-set-manifest.ts with their Hive types. The table does not expose other
 * fields.
 */
const COLUMNS = {
  id: ['string', 'SHA-256 of all that decides the content'],
  service: ['string', 'Feature service'],
  made: ['string', 'When, ISO 8601 in UTC'],
  made_by: ['string', 'By whom'],
  plan: ['string', 'Hash of the plan that it was made under'],
  engine: ['string', 'duckdb or trino'],
  path: ['string', 'Where its data lies'],
  rows: ['bigint', 'Count of rows'],
  bytes: ['bigint', 'Size of its files'],
  content: ['string', 'Hash of its rows'],
  spine: [
    'struct<source:string,content:string,first:string,last:string>',
    'Where the spine came from, the hash of its rows, its time range',
  ],
  columns: [
    'array<struct<name:string,type:string,role:string,from:struct<view:string,feature:string,origin:string>,pii:boolean,nulls:bigint,nullshare:double,min:string,max:string,mean:double>>',
    'Columns with their lineage and statistics',
  ],
  recipe: [
    'struct<tables:map<string,struct<id:string,sequence:bigint,snapshot:string,rows:bigint>>>',
    "State of each view's table",
  ],
  sql: ['string', 'The query that made it'],
} as const

const definition = (location: string): TableInput => ({
  Name: TRAINING_SETS,
  Description: 'Training sets that quern has built',
  TableType: 'EXTERNAL_TABLE',
  Parameters: { EXTERNAL: 'TRUE', classification: 'json' },
  StorageDescriptor: {
    Location: `${location.replace(/\/$/, '')}/`,
    Columns: Object.entries(COLUMNS).map(([Name, [Type, Comment]]) => ({
      Name,
      Type,
      Comment,
    })),
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
  },
})

/** Creates or updates the table. A deploy calls this. */
export async function prepareTrainingSetsTable(props: TrainingSetsTableProps): Promise<void> {
  const { glue, database, location } = props
  const again = retry(props.retry)
  const input = { DatabaseName: database, TableInput: definition(location) }
  const found = await glueTable({ glue, database, retry: again }, TRAINING_SETS)
  await retried<unknown>(again, () =>
    glue.send(found === null ? new CreateTableCommand(input) : new UpdateTableCommand(input)),
  )
}
