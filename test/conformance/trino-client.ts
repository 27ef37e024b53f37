/** Trino's REST protocol: a statement goes in, pages of values come out, numbers just as they were written. */
export interface TrinoColumn {
  readonly name: string
  readonly type: string
}

/** A number's own digits, so that none is lost. */
export type TrinoValue = string | boolean | null | { readonly digits: string } | readonly TrinoValue[]

export interface TrinoResult {
  readonly columns: readonly TrinoColumn[]
  readonly rows: readonly (readonly TrinoValue[])[]
  readonly bytes: number
}

export class TrinoError extends Error {
  /** `SYNTAX_ERROR`, … */
  readonly code: string
  readonly kind: string

  constructor(code: string, kind: string, message: string) {
    super(message)
    this.name = 'TrinoError'
    this.code = code
    this.kind = kind
  }
}

interface Answer {
  readonly nextUri?: string
  readonly columns?: readonly TrinoColumn[]
  readonly data?: readonly (readonly TrinoValue[])[]
  readonly error?: { readonly message: string; readonly errorName: string; readonly errorType: string }
  readonly stats?: { readonly physicalInputBytes?: { readonly digits: string } }
}

const parse = (text: string): Answer =>
  JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? { digits: context?.source ?? String(value) } : value,
  ) as Answer

export interface StatementProps {
  readonly url: string
  readonly catalog: string
  readonly schema: string
  /** Session properties, `name=value`. */
  readonly session: string
  readonly signal: AbortSignal
}

/** @throws {TrinoError} */
export async function runStatement(
  sql: string,
  { url, catalog, schema, session, signal }: StatementProps,
): Promise<TrinoResult> {
  const headers = {
    'X-Trino-User': 'conformance',
    'X-Trino-Catalog': catalog,
    'X-Trino-Schema': schema,
    'X-Trino-Session': session,
    'X-Trino-Time-Zone': 'UTC',
    'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
  }
  let answer = parse(
    await (await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql })).text(),
  )
  let columns: readonly TrinoColumn[] = []
  const rows: (readonly TrinoValue[])[] = []
  for (;;) {
    const { error, nextUri } = answer
    if (error !== undefined) throw new TrinoError(error.errorName, error.errorType, error.message)
    columns = answer.columns ?? columns
    for (const row of answer.data ?? []) rows.push(row)
    if (nextUri === undefined)
      return { columns, rows, bytes: Number(answer.stats?.physicalInputBytes?.digits ?? 0) }
    if (signal.aborted) await fetch(nextUri, { method: 'DELETE', headers })
    answer = parse(await (await fetch(nextUri, { headers })).text())
  }
}
