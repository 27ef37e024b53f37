/** What serving reads of a proxy event. */
import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
} from 'aws-lambda'
import type { Caller } from '../lib/online/access.ts'

/** A proxy event of API Gateway (HTTP API, payload 2.0), behind its IAM authorizer or behind none. */
export type ServingEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & {
    readonly authorizer?: Partial<APIGatewayEventRequestContextIAMAuthorizer>
  }
>

export const bodyOf = ({ body = '', isBase64Encoded }: ServingEvent): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body

export const callerOf = ({ requestContext }: ServingEvent): Caller => requestContext.authorizer?.iam?.userArn

/** The root of X-Ray's trace, which API Gateway names in a header; null for what is none. */
export const traceIdOf = ({ headers }: ServingEvent): string | null =>
  /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/.exec(headers['x-amzn-trace-id'] ?? '')?.[1] ?? null
