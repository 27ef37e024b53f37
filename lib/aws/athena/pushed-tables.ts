/**
 * Pushed lines as Glue tables, one for each key, over the files that the delivery stream writes. A scalar is read as
 * text, a list as a list of texts: so nothing of a line is guessed at, and a line of older columns is null in the new.
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
  /** `s3://bucket/path` below which the delivery stream writes, a folder for each key. */
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
    // OpenX's makes a number of what is read as text, and 0 of -0.
    SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
  },
})

const isStream = (source: SourcePlan): source is StreamPlan => source.kind === 'stream'

/** Keys that may be pushed to, with the fields of their lines. */
const keysOf = ({ views, sources }: Plan): readonly (readonly [string, readonly Column[]])[] => [
  ...Object.values(views)
    .filter(({ online, aggregates }) => online && aggregates === null)
    .map(view => [view.key, lineColumns(view)] as const),
  ...Object.values(sources)
    .filter(isStream)
    .map(stream => [stream.name, eventLineColumns(stream)] as const),
]

const AT_A_TIME = 8

/** Makes the tables, or brings them up to date: what a deploy does. */
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
  /** Of a piece of work: each time that it is taken up again it reads the same files. */
  readonly clock: Clock
  /** A younger file is for the next time: clocks differ. @default 10,000 */
  readonly settledMs?: number
}

/**
 * A query reads what lies there when it runs, which may be more than the files that the fingerprint names, but never
 * less: what it reads before its time is known the next time.
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
