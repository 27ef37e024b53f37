/** Options that several commands have. Each call makes a new `Option`, as commander needs. */
import { type Command, Option } from 'commander'
import { instant } from './parsers.ts'

/** Adds a command to the program, with the options that every command has. */
export type DefineCommand = (name: string, description: string) => Command

export const project = () =>
  new Option('--project <folder>', 'the folder that holds definitions/').default('.')

export const now = () =>
  new Option('--now <instant>', "the store's clock (ISO 8601, UTC)")
    .argParser(instant('--now'))
    .default(undefined, "the machine's clock")

export const env = () =>
  new Option('--env <name>', 'use the deployed store of an environment instead of the local one')

export const workload = () =>
  new Option('--workload <file>', 'the load of the store, as JSON (docs/aws.md) (default: no load)')

export const asJson = () => new Option('--json', 'print the result as JSON').default(false)

export const against = () =>
  new Option(
    '--against <lock or commit>',
    "a lock file, or a commit with a lock (default: the project's lock)",
  )

export const SPINE =
  "a .parquet, .csv or .jsonl file, or a SELECT over sources by name (default: the service's own spine)"
