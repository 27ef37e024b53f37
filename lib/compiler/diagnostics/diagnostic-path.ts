/** A path in the definitions to which diagnostics are added. */

import { nearestName } from '../../text/nearest-name.ts'
import { DIAGNOSTICS, type Diagnostic, type DiagnosticCode } from './diagnostics.ts'

/** The parts of a diagnostic that depend on the case. */
export interface DiagnosticDetail {
  /** @default the text in the diagnostics table */
  readonly allowed?: string
  /** @default the text in the diagnostics table */
  readonly remedy?: string
}

export interface DiagnosticPath {
  /** Adds a diagnostic and returns, so that all problems are reported at once. */
  readonly report: (code: DiagnosticCode, got: string, detail?: DiagnosticDetail) => void
  /** A path within this one, such as `feature temp`. */
  readonly inside: (name: string) => DiagnosticPath
}

/** A path that adds its diagnostics to a list. */
export const pathIn = (mistakes: Diagnostic[], path: string): DiagnosticPath => ({
  report: (code, got, { allowed, remedy } = {}) => {
    mistakes.push({
      code,
      path,
      got,
      allowed: allowed ?? DIAGNOSTICS[code].allowed,
      remedy: remedy ?? DIAGNOSTICS[code].remedy,
    })
  },
  inside: name => pathIn(mistakes, `${path} › ${name}`),
})

/** Reports an unknown name, with the known name that was probably meant. */
export function unknownName(place: DiagnosticPath, got: unknown, names: readonly string[]): void {
  const meant = typeof got === 'string' ? nearestName(got, names) : undefined
  place.report('unknown-name', show(got), {
    allowed: names.length === 0 ? 'nothing: none is defined' : names.join(', '),
    ...(meant === undefined ? {} : { remedy: `did you mean '${meant}'? Correct the name or define it` }),
  })
}

/** Maximum length of a value in a message. */
const MAX_SHOWN = 80

/** Any value on one line, as a message shows it. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return shortened(`'${value}'`)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null)
    return typeof value === 'bigint' ? `${value}n` : String(value)
  if ('kind' in value && 'name' in value) return shortened(`${String(value.kind)} '${String(value.name)}'`)
  return shortened(asJson(value))
}

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line
}

/** JSON turns NaN and infinities to null, and throws on bigints and cycles. */
function asJson(value: object): string {
  try {
    return JSON.stringify(value, (_key, inner: unknown) =>
      (typeof inner === 'number' && !Number.isFinite(inner)) || typeof inner === 'bigint'
        ? String(inner)
        : inner,
    )
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object'
  }
}
