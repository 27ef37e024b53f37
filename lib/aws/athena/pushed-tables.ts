/**
 * Glue tables over pushed lines: one table per key, over the files that the delivery stream writes.
 * Scalars are read as text, and lists as lists of text, so that no type is inferred. A column that older lines lack
 * is null.
 */
import {
  CreateTableCommand,
  type GlueClient,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import type { S3Client } from '@aws-sdk/client-s3'
import { shapeOf } from '../../definition/value-types.ts'
import { decodedLines, eventLineColumns, lineColumns } from '../../offline/ingest/pushed-lines.ts'
import type { Column, Plan, SourcePlan, StreamPlan } from '../../plan/plan.ts'
import type { Clock, PushedLines } from '../../runtime.ts'
import { quote, trino } from '../../sql/dialect.ts'
import { contentHash } from '../../text/canonical.ts'
import { concurrently, type RetryOptions, retried, retry } from '../retry.ts'
import { listFiles } from '../s3/s3-files.ts'
import { glueTable } from './glue-table.ts'

export interface PushedTablesProps {
  readonly glue: GlueClient
  readonly database: string
  /** `s3://bucket/path` to which the delivery stream writes; each key has a folder. */
  readonly location: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

const tableOf = (key: string): string =>
  key.includes('@') ? `quern_pushed_view_${key.replace('@', '_v')}` : `quern_pushed_stream_${key}`

const textType = ({ type }: Column): string => (shapeOf(type).kind === 'scalar' ? 'string' : 'array<string>')

const definition = (key: string, columns: readonly Column[], location: string): TableInput => ({
  Name: tableOf(key),
  Description: `What was pushed to ${key}`,
  TableType: 'EXTERNAL_TABLE',
  Parameters: { EXTERNAL: 'TRUE', classification: 'json' },
  StorageDescriptor: {
    Location: `${location}/${key}/`,
    Columns: columns.map(column => ({ Name: column.name, Type: textType(column) })),
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    // The OpenX SerDe parses text as numbers and turns -0 into 0.
    SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
  },
})

const isStream = (source: SourcePlan): source is StreamPlan => source.kind === 'stream'

/** Keys that accept pushes, with the columns of their lines. */
const keysOf = ({ views, sources }: Plan): readonly (readonly [string, readonly Column[]])[] => [
  ...Object.values(views)
    .filter(({ online, aggregates }) => online && aggregates === null)
    .map(view => [view.key, lineColumns(view)] as const),
  ...Object.values(sources)
    .filter(isStream)
    .map(stream => [stream.name, eventLineColumns(stream)] as const),
]

const AT_A_TIME = 8

/** Creates or updates the tables. A deploy calls this. */
export async function preparePushedTables(props: PushedTablesProps, plan: Plan): Promise<void> {
  const { glue, database, location } = props
  const again = retry(props.retry)
  await concurrently(keysOf(plan), AT_A_TIME, async ([key, columns]) => {
    const input = {
      DatabaseName: database,
      TableInput: definition(key, columns, location.replace(/\/$/, '')),
    }
    const found = await glueTable({ glue, database, retry: again }, tableOf(key))
    await retried<unknown>(again, () =>
      glue.send(found === null ? new CreateTableCommand(input) : new UpdateTableCommand(input)),
    )
  })
}

export interface GluePushedLinesProps extends Pick<PushedTablesProps, 'database' | 'location'> {
  readonly s3: S3Client
  /** The clock of a unit of work; a resumed invocation reads the same files again. */
  readonly clock: Clock
  /** Minimum age of a file to be read, in milliseconds, because clocks differ. @default 10,000 */
  readonly settledMs?: number
}

/**
 * A query reads all files that exist when it runs. These may be more than the fingerprint names, but never fewer.
 * Rows that are read early are recognized as duplicates in the next run.
 */
export const gluePushedLines = (props: GluePushedLinesProps): PushedLines => ({
  open: async (key, columns) => {
    const { s3, database, location, clock, settledMs = 10_000 } = props
    const until = clock.now() - settledMs
    const files = await listFiles(s3, `${location.replace(/\/$/, '')}/${key}/`)
    const settled = files.filter(({ modifiedMs }) => modifiedMs <= until).map(file => file.key)
    if (settled.length === 0) return null
    return {
      relation: decodedLines(trino, columns, [database, tableOf(key)].map(quote).join('.')),
      fingerprint: contentHash(settled),
    }
  },
})
