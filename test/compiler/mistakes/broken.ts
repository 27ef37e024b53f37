/** Definitions with one error each, for the tables of diagnostics. */
import { entity, featureService, featureView, viewSource } from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import {
  CompileError,
  type Diagnostic,
  type DiagnosticCode,
} from '../../../lib/compiler/diagnostics/diagnostics.ts'
import { airport, flown, observations, weather } from '../example.ts'

export function mistakesOf(...definitions: readonly unknown[]): readonly Diagnostic[] {
  try {
    compile(definitions)
  } catch (error) {
    if (error instanceof CompileError) return error.mistakes
    throw error
  }
  return []
}

/** A valid view with changes. Any field may have any value, as in plain JavaScript. */
export const view = (change: Record<string, unknown>) => ({ ...weather, ...change })
export const service = (...features: readonly unknown[]) => ({
  ...featureService({ name: 's', features: [weather] }),
  features,
})
export const file = (change: Record<string, unknown>) => ({ ...observations, ...change })
export const keyed = (joinKeys: unknown) => ({ ...airport, joinKeys })
export const numbered = entity({ name: 'numbered', joinKeys: { airport: 'int64' } })
export const numberedView = featureView({
  name: 'by_number',
  entities: [numbered],
  source: flown,
  features: { size: 'int32' },
})
export const upstream = (name: string, of: string) =>
  featureView({ name, entities: [airport], source: viewSource({ view: of }), features: { temp: 'float64' } })

export type Row = readonly [
  DiagnosticCode,
  what: string,
  definitions: readonly unknown[],
  path: string,
  got: string,
]
