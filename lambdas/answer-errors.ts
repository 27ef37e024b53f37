/** Converts an error to a response: status, code and message, but never a stack, an entity key or a value. */
import type { MiddlewareObj } from '@middy/core'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { OnlineStoreError } from '../lib/online/item/online-store-error.ts'
import { RequestError } from '../lib/online/serving/request-error.ts'
import { StoreError } from '../lib/store-error.ts'
import type { AccessLog } from './access-log.ts'
import type { ServingEvent } from './serving-event.ts'

interface Fault {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const INTERNAL: Fault = {
  status: 500,
  code: 'internal',
  message: 'something went wrong here; it is logged under the request id',
}

const UNAVAILABLE: Fault = {
  status: 503,
  code: 'store-unavailable',
  message: 'the online store did not answer in time; try again in a second',
  headers: { 'retry-after': '1' },
}

/** Another definition made the stored rows. Only the operator's log shows the view, the differences and the remedies. */
const DEFINITION_ERRORS: readonly string[] = ['definition-differs', 'definition-unknown', 'rows-outdated']

const otherDefinition = (code: string): Fault => ({
  status: 503,
  code,
  message:
    'what is stored of a view that this request reads was made by another definition than this server has; the log says under the request id which view, and what to do',
})

function faultOf(error: unknown): Fault {
  if (error instanceof StoreError && DEFINITION_ERRORS.includes(error.code))
    return otherDefinition(error.code)
  if (error instanceof OnlineStoreError && error.retryable) return UNAVAILABLE
  if (!(error instanceof RequestError)) return INTERNAL
  const { status, code, message, allowed } = error
  return {
    status,
    code,
    message,
    ...(code === 'wrong-method' ? { headers: { allow: allowed.join(', ') } } : {}),
  }
}

export function answerErrors(
  access: AccessLog,
): MiddlewareObj<ServingEvent, APIGatewayProxyStructuredResultV2, Error, Context, { start: number }> {
  return {
    before: ({ internal }) => {
      internal.start = performance.now()
    },
    onError: request => {
      const { event, error, context, internal } = request
      const { status, code, message, headers = {} } = faultOf(error)
      const requestId = context.awsRequestId
      access.refused({ event, requestId, ms: performance.now() - internal.start }, { status, code, error })
      request.response = {
        statusCode: status,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ error: { code, message, request_id: requestId } }),
      }
    },
  }
}
