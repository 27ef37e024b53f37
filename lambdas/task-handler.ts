/** A task of the materialization workflow as Lambda calls it. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import * as z from 'zod'
import { QueryDeferred } from '../lib/aws/athena/athena-patience.ts'
import { QueryRunning, resumableInvocation } from '../lib/aws/athena/resumable-invocation.ts'
import { deployedBatchWorld } from '../lib/aws/functions/batch-environment.ts'
import type { BatchContext, Work } from '../lib/aws/functions/batch-world.ts'
import type { TaskName } from '../lib/materialization/state-machine.ts'
import { materializationTasks } from './materialization.ts'

/** How long a function waits for its queries, in milliseconds; Step Functions waits on for nothing. */
const PATIENCE_MS = 60_000

/** Time for the error to be answered. */
const MARGIN_MS = 5_000

/** Whose payload it is, where it says so: the parts of all payloads that name the work. */
const payload = z.object({
  view: z.string().optional(),
  run: z.object({ execution: z.string(), startedAt: z.iso.datetime() }).optional(),
})

/** The piece of work that an invocation does: the same payload's, if Step Functions calls again. */
export function workOf(task: TaskName, input: unknown, now: number, remainingMs: number): Work {
  const { view = '', run } = payload.parse(input)
  if (run === undefined) return {}
  const startedAt = Date.parse(run.startedAt)
  return {
    replay: resumableInvocation(`${run.execution} ${task} ${view}`),
    until: now + Math.min(PATIENCE_MS, remainingMs - MARGIN_MS),
    clock: { now: () => startedAt },
  }
}

/** What went wrong, without its message: that may have keys of rows in it, and stands in the run's history. */
const logErrors = (logger: Logger, task: TaskName): MiddlewareObj<unknown, unknown> => ({
  onError: ({ event, error, context }) => {
    const view = payload.safeParse(event).data?.view ?? null
    const fields = {
      task,
      view,
      error_name: error?.name,
      cause: Object(error?.cause).name ?? null,
      code: codeOf(error),
      request_id: context.awsRequestId,
    }
    if (error instanceof QueryRunning || error instanceof QueryDeferred)
      logger.info('waiting', { ...fields, query: error.queryId })
    else logger.error('failed', fields)
  },
})

/** Of quern's own errors. */
const codeOf = (error: unknown): unknown => Object(error).code ?? null

/** The function behind a task. The environment is read at the first event, not at import. */
export function taskHandler(task: TaskName) {
  let world: Promise<(work: Work) => BatchContext> | undefined
  const act = async (input: unknown, context: Context): Promise<unknown> => {
    world ??= deployedBatchWorld()
    const work = workOf(task, input, Date.now(), context.getRemainingTimeInMillis())
    try {
      return await materializationTasks((await world)(work))[task](input)
    } catch (error) {
      throw work.replay?.suspended() ?? error
    }
  }
  return middy(act).use(logErrors(new Logger({ serviceName: 'quern-materialization' }), task))
}
