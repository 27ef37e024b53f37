/** Makes the Lambda handlers of the materialization workflow's tasks. */
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

/** How long a function waits for its queries, in milliseconds. Then Step Functions waits, at no cost. */
const PATIENCE_MS = 60_000

/** Time that is left to return the error, in milliseconds. */
const MARGIN_MS = 5_000

/** The fields of all payloads that identify the work. */
const payload = z.object({
  view: z.string().optional(),
  run: z.object({ execution: z.string(), startedAt: z.iso.datetime() }).optional(),
})

/** The work of an invocation. A retry by Step Functions has the same payload, so it resumes the same work. */
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

/** Logs an error without its message. The message may contain entity keys, and the run's history has it anyway. */
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

/** The code of quern's own errors; null for other errors. */
const codeOf = (error: unknown): unknown => Object(error).code ?? null

/** Makes the Lambda handler of a task. It reads the environment at the first event, not at import. */
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
