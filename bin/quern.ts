#!/usr/bin/env -S node --max-semi-space-size=16
/** The command line. */
import { explainError } from '../lib/cli/print/explain-error.ts'
import { program } from '../lib/cli/program.ts'
import { hasCode } from '../lib/local/files/error-code.ts'

const wantsJson = process.argv.includes('--json')

/** An error outside the running command, such as in a timer, leaves no state to rely on. */
process.on('uncaughtException', error => process.exit(explainError(error, wantsJson)))

/** The reader of the output has closed it. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    if (hasCode(error, 'EPIPE')) process.exit()
    throw error
  })

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = explainError(error, wantsJson)
}
