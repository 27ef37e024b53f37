/** Reads the rows of a finished query by pages. */
import { type ColumnInfo, GetQueryResultsCommand } from '@aws-sdk/client-athena'
import type { EngineColumn } from '../../runtime.ts'
import { retried } from '../retry.ts'
import { untilItPasses } from './athena-patience.ts'
import { type AthenaPlace, refused } from './athena-query.ts'

/** Athena's limit on the rows of a page. */
const ROWS_A_PAGE = 1_000

export interface Page {
  readonly columns: readonly EngineColumn[]
  /** Values as text; null for SQL null. */
  readonly rows: readonly (readonly (string | null)[])[]
}

const columnOf = ({ Name, Type, Precision, Scale }: ColumnInfo): EngineColumn => ({
  name: Name ?? '',
  type: Type === 'decimal' ? `decimal(${Precision},${Scale})` : Type === 'float' ? 'real' : (Type ?? ''),
})

/** Yields each page. The first page omits the row of column names. */
export async function* pages(place: AthenaPlace, queryId: string): AsyncGenerator<Page> {
  let token: string | undefined
  let first = true
  do {
    const command: GetQueryResultsCommand = new GetQueryResultsCommand({
      QueryExecutionId: queryId,
      MaxResults: ROWS_A_PAGE,
      NextToken: token,
    })
    const answer = await readPage(place, queryId, command)
    const set = answer.ResultSet
    const rows = (set?.Rows ?? []).map(({ Data = [] }) => Data.map(datum => datum.VarCharValue ?? null))
    yield {
      columns: (set?.ResultSetMetadata?.ColumnInfo ?? []).map(columnOf),
      rows: first ? rows.slice(1) : rows,
    }
    first = false
    token = answer.NextToken
  } while (token !== undefined)
}

/** Requests a page again after throttling, until the caller's deadline. */
async function readPage(place: AthenaPlace, queryId: string, command: GetQueryResultsCommand) {
  const waitOrThrow = untilItPasses(place)
  for (;;)
    try {
      return await retried(place.retry, () => place.client.send(command)).catch(refused(queryId))
    } catch (error) {
      await waitOrThrow(error)
    }
}
