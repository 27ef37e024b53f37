/** An error as an answer: its status, a code and a sentence; never a stack, a key or a value. */
import type { MiddlewareObj } from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { OnlineStoreError } from '../lib/online/online-store-error.ts'
import { RequestError } from '../lib/online/request-error.ts'

/** As much of a logger as serving uses; powertools' is one. */
export interface ServingLog {
  readonly info: (message: string, fields: Readonly<Record<string, unknown>>) => void
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void
  readonly error: (message: string, fields: Readonly<Record<string, unknown>>) => void
}

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

function faultOf(error: unknown): Fault {
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

/** What a log may know of an error. A store's message names keys, so its cause stands for it. */
function noted(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof OnlineStoreError)) return { error }
  const { name, retryable, keys, cause } = error
  return { error_name: name, retryable, keys: keys.length, cause: cause instanceof Error ? cause.name : null }
}

export const answerErrors = (
  log: ServingLog,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> => ({
  onError: request => {
    const { error, context } = request
    const { status, code, message, headers = {} } = faultOf(error)
    const request_id = context.awsRequestId
    if (status < 500) log.warn('refused', { status, code, request_id })
    else log.error('failed', { status, code, request_id, ...noted(error) })
    request.response = {
      statusCode: status,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ error: { code, message, request_id } }),
    }
  },
})
