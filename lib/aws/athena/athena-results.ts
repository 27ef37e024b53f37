/** A finished query's rows, by pages. */
import { type ColumnInfo, GetQueryResultsCommand } from '@aws-sdk/client-athena'
import type { EngineColumn } from '../../runtime.ts'
import { retried } from '../retry.ts'
import { untilItPasses } from './athena-patience.ts'
import { type AthenaPlace, refused } from './athena-query.ts'

/** Athena's limit on the rows of a page. */
const ROWS_A_PAGE = 1_000

export interface Page {
  readonly columns: readonly EngineColumn[]
  /** Texts, null for null. */
  readonly rows: readonly (readonly (string | null)[])[]
}

const columnOf = ({ Name, Type, Precision, Scale }: ColumnInfo): EngineColumn => ({
  name: Name ?? '',
  type: Type === 'decimal' ? `decimal(${Precision},${Scale})` : Type === 'float' ? 'real' : (Type ?? ''),
})

/** Gives page after page; the row of names that leads a query's first page is left out. */
export async function* pages(place: AthenaPlace, queryId: string): AsyncGenerator<Page> {
  let token: string | undefined
  let first = true
  do {
    const command: GetQueryResultsCommand = new GetQueryResultsCommand({
      QueryExecutionId: queryId,
      MaxResults: ROWS_A_PAGE,
      NextToken: token,
    })
    const answer = await untilRead(place, queryId, command)
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

/** A page that is throttled for longer is asked for again, as long as the caller has time. */
async function untilRead(place: AthenaPlace, queryId: string, command: GetQueryResultsCommand) {
  const passes = untilItPasses(place)
  for (;;)
    try {
      return await retried(place.retry, () => place.client.send(command)).catch(refused(queryId))
    } catch (error) {
      await passes(error)
    }
}
