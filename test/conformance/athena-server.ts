/** Athena's JSON protocol over Trino: enough of it for the AWS SDK, faithful in what quern relies on. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { sessionOf, translate } from './athena-translations.ts'
import {
  runStatement,
  type TrinoColumn,
  TrinoError,
  type TrinoResult,
  type TrinoValue,
} from './trino-client.ts'

const startInput = z.object({
  QueryString: z.string().max(262_144),
  ClientRequestToken: z.string().min(32).max(128).optional(),
  WorkGroup: z.string().optional(),
  QueryExecutionContext: z.object({ Database: z.string().optional() }).optional(),
})
const idInput = z.object({ QueryExecutionId: z.string() })
const resultsInput = idInput.extend({
  NextToken: z.string().optional(),
  MaxResults: z.number().min(1).max(1000).default(1000),
})

interface Execution {
  readonly id: string
  readonly sql: string
  readonly workGroup: string
  readonly submitted: number
  ended?: number
  readonly abort: AbortController
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  error?: Error
  result?: TrinoResult
}

/** Athena's response to a request that it refuses. */
class InvalidRequest extends Error {}

const kindOf = (sql: string): 'DML' | 'DDL' | 'UTILITY' => {
  if (/^(create table .* as\n|select|with|unload|merge|insert|delete|update|optimize)/is.test(sql))
    return 'DML'
  return /^(show|describe|explain)/i.test(sql) ? 'UTILITY' : 'DDL'
}

const isQuery = (sql: string): boolean => /^(\s|--.*\n)*(select|with|values)\b/i.test(sql)

async function execute(url: string, execution: Execution, schema: string): Promise<void> {
  const { signal } = execution.abort
  try {
    const session = sessionOf(execution.sql)
    for (const sql of translate(execution.sql))
      execution.result = await runStatement(sql, { url, catalog: 'iceberg', schema, session, signal })
    execution.state = 'SUCCEEDED'
  } catch (error) {
    execution.error = error instanceof Error ? error : new Error(String(error))
    execution.state = signal.aborted ? 'CANCELLED' : 'FAILED'
  } finally {
    execution.ended = Date.now()
  }
}

/** Athena's form of an error: its name before its message. */
function status({ state, error, submitted, ended }: Execution) {
  const known = error instanceof TrinoError ? error : null
  const reason =
    state === 'CANCELLED'
      ? 'Query cancelled by user'
      : known
        ? `${known.code}: ${known.message}`
        : error?.message
  const category = known?.kind === 'USER_ERROR' ? 2 : 1
  return {
    State: state,
    SubmissionDateTime: submitted / 1000,
    ...(ended === undefined ? {} : { CompletionDateTime: ended / 1000 }),
    ...(reason === undefined ? {} : { StateChangeReason: reason }),
    ...(error === undefined
      ? {}
      : { AthenaError: { ErrorCategory: category, Retryable: category === 1, ErrorMessage: reason } }),
  }
}

/** Athena's type names have no parameters; decimals report precision and scale separately. */
function columnInfo({ name, type }: TrinoColumn) {
  const [, base = '', precision, scale] =
    /^([a-z ]+?)(?:\((\d+)(?:,\s*(\d+))?\))?( with time zone)?$/.exec(type) ?? []
  const zoned = type.endsWith('with time zone')
    ? 'timestamp with time zone'
    : base || type.replace(/\(.*/s, '')
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    Type: zoned === 'real' ? 'float' : zoned,
    Precision: base === 'decimal' ? Number(precision) : 0,
    Scale: base === 'decimal' ? Number(scale ?? 0) : 0,
    Nullable: 'UNKNOWN',
    CaseSensitive: zoned === 'varchar',
  }
}

/** A value as Athena prints it: bytes in hex, a list in brackets. */
function textOf(value: TrinoValue, type: string): string {
  if (value === null) return 'null'
  if (Array.isArray(value))
    return `[${value.map(item => textOf(item, /^array\((.*)\)$/.exec(type)?.[1] ?? '')).join(', ')}]`
  if (type === 'varbinary')
    return Buffer.from(String(value), 'base64')
      .toString('hex')
      .replace(/..(?!$)/g, '$& ')
  return typeof value === 'object' && 'digits' in value ? value.digits : String(value)
}

function results({ sql, result }: Execution, from: number, size: number) {
  const { columns, rows } = result ?? { columns: [], rows: [] }
  // A query's first row is its columns' names.
  const all = [...(isQuery(sql) ? [columns.map(({ name }) => name as TrinoValue)] : []), ...rows]
  const page = all.slice(from, from + size)
  const datum = (value: TrinoValue, i: number, header: boolean) =>
    value === null ? {} : { VarCharValue: textOf(value, header ? 'varchar' : (columns[i]?.type ?? '')) }
  return {
    ResultSet: {
      Rows: page.map((row, r) => ({
        Data: row.map((value, i) => datum(value, i, isQuery(sql) && from + r === 0)),
      })),
      ResultSetMetadata: { ColumnInfo: columns.map(columnInfo) },
    },
    ...(from + size < all.length ? { NextToken: String(from + size) } : {}),
  }
}

function answerer(url: string) {
  const executions = new Map<string, Execution>()
  const tokens = new Map<string, Execution>()
  const find = (input: unknown): Execution => {
    const execution = executions.get(idInput.parse(input).QueryExecutionId)
    if (execution === undefined) throw new InvalidRequest('QueryExecution was not found')
    return execution
  }
  const actions: Readonly<Record<string, (input: unknown) => object>> = {
    StartQueryExecution: input => {
      const {
        QueryString: sql,
        ClientRequestToken: token = randomUUID(),
        WorkGroup: workGroup = 'primary',
        QueryExecutionContext: context,
      } = startInput.parse(input)
      const known = tokens.get(token)
      if (known !== undefined && known.sql !== sql)
        throw new InvalidRequest('Idempotent parameters do not match')
      if (known !== undefined) return { QueryExecutionId: known.id }
      const id = randomUUID()
      const execution: Execution = {
        id,
        sql,
        workGroup,
        submitted: Date.now(),
        abort: new AbortController(),
        state: 'RUNNING',
      }
      executions.set(id, execution)
      tokens.set(token, execution)
      void execute(url, execution, context?.Database ?? 'default')
      return { QueryExecutionId: id }
    },
    GetQueryExecution: input => {
      const execution = find(input)
      return {
        QueryExecution: {
          QueryExecutionId: execution.id,
          Query: execution.sql,
          StatementType: kindOf(execution.sql),
          WorkGroup: execution.workGroup,
          Status: status(execution),
          Statistics: { DataScannedInBytes: execution.result?.cost.scannedBytes ?? 0 },
        },
      }
    },
    GetQueryResults: input => {
      const { NextToken: token, MaxResults: size } = resultsInput.parse(input)
      const execution = find(input)
      if (execution.state !== 'SUCCEEDED')
        throw new InvalidRequest(`Query has not yet finished. Current state: ${execution.state}`)
      return results(execution, Number(token ?? 0), size)
    },
    StopQueryExecution: input => {
      find(input).abort.abort()
      return {}
    },
  }
  return (action: string, input: unknown): object => {
    const act = actions[action]
    if (act === undefined) throw new InvalidRequest(`no action ${action}`)
    return act(input)
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

export interface AthenaServer {
  readonly endpoint: string
  readonly close: () => Promise<void>
}

/** @param url Trino's */
export async function startAthenaServer(url: string): Promise<AthenaServer> {
  const answer = answerer(url)
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    }
    try {
      const action = String(request.headers['x-amz-target']).replace('AmazonAthena.', '')
      send(200, answer(action, await bodyOf(request)))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      send(400, { __type: 'InvalidRequestException', message })
    }
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
