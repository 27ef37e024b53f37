/** The message for a person, and the exit code. */
import { CommanderError } from 'commander'
import { CompileError } from '../../compiler/diagnostics/diagnostics.ts'
import { machineFault } from '../../local/engine/machine-fault.ts'
import { STORE_ERRORS, StoreError } from '../../store-error.ts'
import { json, result, say } from './print.ts'

/** @returns the exit code */
export function explainError(error: unknown, wantsJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const reported = machineFault(error) ?? (error instanceof Error ? error : new Error(String(error)))
  if (reported instanceof StoreError) {
    report(reported.code, reported.message, wantsJson)
    return STORE_ERRORS[reported.code].exitCode
  }
  if (reported instanceof CompileError || reported.name === 'OnlineStoreError') {
    report(reported.name, reported.message, wantsJson)
    return reported instanceof CompileError ? 1 : 5
  }
  report('internal', internal(reported), wantsJson)
  return 70
}

function report(error: string, message: string, wantsJson: boolean): void {
  if (wantsJson) result(json({ error, message }))
  say(message)
}

/** Its message and stack may hold values of rows: they are shown only to those who ask. */
function internal(error: Error): string {
  if (process.env['QUERN_DEBUG'] === '1') return `quern has failed: ${error.stack ?? error.message}`
  return `quern has failed (${error.name}${placeOf(error)}): a fault of quern. Please report it with this line, the command and quern's version; QUERN_DEBUG=1 shows its details, which may hold values of your data.`
}

/** The first place in quern's own code. */
function placeOf({ stack = '' }: Error): string {
  const place = /\b((?:lib|bin|lambdas)\/[\w./-]+\.[tj]s:\d+)/.exec(stack)?.[1]
  return place === undefined ? '' : ` in ${place}`
}
