/** The custom resource of CloudFormation that prepares the offline store at a deployment. It sends its own response. */
import { Logger } from '@aws-lambda-powertools/logger'
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda'
import { type PreparedStore, prepareStore } from '../lib/aws/athena/prepare-store.ts'
import { deployedBatchWorld } from '../lib/aws/functions/batch-environment.ts'
import { compareTables } from '../lib/verbs/training-set/compare-tables.ts'
import { storedPlans } from '../lib/verbs/training-set/plans.ts'
import { MANIFESTS } from '../lib/verbs/training-set/training-set-manifest.ts'

/** Maximum characters of a list of names. CloudFormation limits a custom resource's response to 4 KB. */
const MAX_NAMES = 1_500

const names = (keys: readonly string[]): string => {
  const text = keys.join(', ')
  return text.length <= MAX_NAMES ? text : `${text.slice(0, MAX_NAMES)}…`
}

const responseData = ({ made, grown, standing }: PreparedStore) => ({
  made: names(made),
  columnsAdded: names(Object.entries(grown).map(([view, columns]) => `${view}: ${columns.join(' ')}`)),
  standing: String(standing),
})

/** Data outlives its stack, so a Delete does nothing. */
async function act({ RequestType }: CloudFormationCustomResourceEvent): Promise<Record<string, string>> {
  if (RequestType === 'Delete') return {}
  const world = (await deployedBatchWorld())({})
  await storedPlans(world.objects).keep(world.plan)
  await compareTables(world, world.offline.definitions)
  const { path } = world.objects
  return responseData(await prepareStore({ ...world, manifests: path(...MANIFESTS), pushed: path('pushed') }))
}

/** The physical id never changes, so that a change of the plan is an update, never a replacement. */
const identity = (event: CloudFormationCustomResourceEvent): string =>
  'PhysicalResourceId' in event ? event.PhysicalResourceId : `${event.LogicalResourceId}-tables`

async function answer(
  event: CloudFormationCustomResourceEvent,
  outcome: Pick<CloudFormationCustomResourceResponse, 'Status' | 'Reason' | 'Data'>,
): Promise<void> {
  const body = JSON.stringify({
    PhysicalResourceId: identity(event),
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    ...outcome,
  })
  const response = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } })
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`)
}

/** Maximum characters of an error message, so that the response stays within 4 KB. */
const MAX_REASON = 1_000

export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const logger = new Logger({ serviceName: 'quern-deploy' })
  const outcome = await act(event).then(
    Data => {
      logger.info('the offline store is prepared', { request: event.RequestType, ...Data })
      return { Status: 'SUCCESS', Data } as const
    },
    (error: unknown) => {
      logger.error('the offline store could not be prepared', { error })
      const Reason = error instanceof Error ? error.message.slice(0, MAX_REASON) : String(error)
      return { Status: 'FAILED', Reason } as const
    },
  )
  await answer(event, outcome)
}
