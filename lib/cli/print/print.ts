/** What people see: numbers, durations, tables and steps, in one style. */
import type { Value } from '../../definition/value-types.ts'
import { timestampText } from '../../sql/dialect.ts'

export const count = (n: number): string => n.toLocaleString('en-US')

export const share = (n: number): string => `${(n * 100).toFixed(1)}%`

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 2 * 86_400_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

export const bytes = (n: number): string =>
  n < 1_000_000 ? `${(n / 1_000).toFixed(0)} KB` : `${(n / 1_000_000).toFixed(1)} MB`

/** An instant as people read it, to the second; `–` for none. */
export const instant = (micros: bigint | null): string =>
  micros === null ? '–' : `${timestampText(micros).slice(0, 19)}Z`

/** Stands in a cell for a value of personal data. */
export const MASKED = '(masked)'

/** A value in a table's cell. */
export function cell(value: Value | undefined, type: string): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'bigint')
    return type.startsWith('timestamp') ? instant(value).slice(0, -4) : value.toString()
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)
  return text.length > 20 ? `${text.slice(0, 19)}…` : text
}

/** Columns padded to their widest cell; the first line is the heading. Columns whose heading ends with `#` go right. */
export function table(rows: readonly (readonly string[])[]): string {
  const [heading = []] = rows
  const widths = heading.map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').replace(/#$/, '').length)))
  const right = heading.map(title => title.endsWith('#'))
  const pad = (text: string, i: number): string =>
    right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)
  return rows
    .map(row =>
      row
        .map((text, i) => pad(text.replace(/#$/, ''), i))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Writes a line for a person: to standard error, so that standard output stays for results. */
export const say = (text = ''): void => void process.stderr.write(`${text}\n`)

/** Writes a result to standard output. */
export const result = (text: string): void => void process.stdout.write(`${text}\n`)

/** BigInts have no form in JSON; here they are digits in quotes. */
export const json = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v), 2)

/**
 * Does some work under a name, shows on a terminal how far it is, and then its outcome and time.
 * @param progress from 0 to 1; null if unknown
 */
export async function step<T>(
  name: string,
  work: (note: (text: string) => void) => Promise<T>,
  outcome: (value: T) => string,
  progress: () => number | null = () => null,
): Promise<T> {
  const started = performance.now()
  const live = process.stderr.isTTY
  let note = ''
  const show = (): void => {
    const done = progress()
    const parts = [
      name,
      note,
      done === null || done <= 0 ? '' : share(done),
      duration(performance.now() - started),
    ]
    process.stderr.write(`\r\x1b[2K  … ${parts.filter(part => part !== '').join('  ')}`)
  }
  const timer = live ? setInterval(show, 200) : undefined
  const clear = (): void => {
    clearInterval(timer)
    if (live) process.stderr.write('\r\x1b[2K')
  }
  try {
    const value = await work(text => {
      note = text
    })
    clear()
    say(`  ✓ ${name}  ${outcome(value)}  ${duration(performance.now() - started)}`)
    return value
  } catch (error) {
    clear()
    say(`  ✗ ${name}  ${duration(performance.now() - started)}`)
    throw error
  }
}
