/** Trino's REST protocol: a statement goes in, pages of values come out, numbers just as they were written. */
export interface TrinoColumn {
  readonly name: string
  readonly type: string
}

/** A number's own digits, so that none is lost. */
export type TrinoValue = string | boolean | null | { readonly digits: string } | readonly TrinoValue[]

/** What a statement took, by Trino's own count. */
export interface TrinoCost {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  /** Read from the tables' files. */
  readonly scannedBytes: number
}

export interface TrinoResult {
  readonly columns: readonly TrinoColumn[]
  readonly rows: readonly (readonly TrinoValue[])[]
  readonly cost: TrinoCost
}

export class TrinoError extends Error {
  /** `SYNTAX_ERROR`, … */
  readonly code: string
  readonly kind: string
  readonly cost: TrinoCost

  constructor(code: string, kind: string, message: string, cost: TrinoCost) {
    super(message)
    this.name = 'TrinoError'
    this.code = code
    this.kind = kind
    this.cost = cost
  }
}

interface Answer {
  readonly nextUri?: string
  readonly columns?: readonly TrinoColumn[]
  readonly data?: readonly (readonly TrinoValue[])[]
  readonly error?: { readonly message: string; readonly errorName: string; readonly errorType: string }
  readonly stats?: Readonly<Record<string, unknown>>
}

function costOf({ stats = {} }: Answer): TrinoCost {
  const number = (name: string): number =>
    Number((stats[name] as { digits?: string } | undefined)?.digits ?? 0)
  return {
    seconds: number('elapsedTimeMillis') / 1_000,
    cpuSeconds: number('cpuTimeMillis') / 1_000,
    peakBytes: number('peakMemoryBytes'),
    scannedBytes: number('physicalInputBytes'),
  }
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
    if (error !== undefined)
      throw new TrinoError(error.errorName, error.errorType, error.message, costOf(answer))
    columns = answer.columns ?? columns
    for (const row of answer.data ?? []) rows.push(row)
    if (nextUri === undefined) return { columns, rows, cost: costOf(answer) }
    if (signal.aborted) await fetch(nextUri, { method: 'DELETE', headers })
    answer = parse(await (await fetch(nextUri, { headers })).text())
  }
}
