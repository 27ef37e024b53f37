/** Reads the body, caller and trace id of a proxy event. */
import { isUtf8 } from 'node:buffer'
import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
} from 'aws-lambda'
import { storeCaller } from '../lib/aws/functions/store-caller.ts'
import type { Caller } from '../lib/online/access/access.ts'
import { RequestError } from '../lib/online/serving/request-error.ts'

/** A proxy event of API Gateway (HTTP API, payload 2.0), with or without an IAM authorizer. */
export type ServingEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & {
    readonly authorizer?: Partial<APIGatewayEventRequestContextIAMAuthorizer>
  }
>

/** @throws {RequestError} `not-utf8`, because replacement characters would change the keys that were sent */
export function bodyOf({ body, isBase64Encoded }: ServingEvent): string {
  // Without a body, API Gateway sends no field, an empty text, or null.
  const text = body ?? ''
  if (!isBase64Encoded) return text
  const bytes = Buffer.from(text, 'base64')
  if (!isUtf8(bytes)) throw new RequestError('not-utf8', { subject: 'the body' })
  return bytes.toString('utf8')
}

export function callerOf({ requestContext }: ServingEvent): Caller {
  const arn = requestContext.authorizer?.iam?.userArn
  return arn === undefined ? undefined : storeCaller(arn, requestContext.accountId)
}

/** The root id of the X-Ray trace, from API Gateway's header; null if there is no valid id. */
export const traceIdOf = ({ headers }: ServingEvent): string | null =>
  /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/.exec(headers['x-amzn-trace-id'] ?? '')?.[1] ?? null
