/** Emulates API Gateway's IAM authorizer: converts a signed request to the authorizer context of the event. */
import type { APIGatewayEventRequestContextIAMAuthorizer } from 'aws-lambda'
import type { ConsumerPlan } from '../../plan/plan.ts'
import type { LocalCredentials } from './local-credentials.ts'
import { type HttpRequest, signerOf } from './request-signature.ts'

/**
 * Returns undefined for an unsigned request.
 * @throws {SignatureError} if the signature is wrong
 */
export type Authorizer = (request: HttpRequest) => APIGatewayEventRequestContextIAMAuthorizer | undefined

export interface IamAuthorizerProps {
  readonly consumers: readonly ConsumerPlan[]
  readonly credentials: Pick<LocalCredentials, 'consumers'>
  /** Milliseconds since 1970. @default the machine's clock */
  readonly now?: () => number
}

/** The caller's ARN as AWS reports it: a role appears as its session. */
const userArnOf = (principal: string): string =>
  principal.replace(/^(arn:[^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, '$1:sts::$2:assumed-role/$3/local')

/** Accepts the consumers' local credentials. The caller is the consumer's first principal. */
export function iamAuthorizer({ consumers, credentials, now = Date.now }: IamAuthorizerProps): Authorizer {
  const callers = new Map(
    consumers.flatMap(({ name, principals: [principal = ''] }) => {
      const { accessKeyId = '', secretAccessKey = '' } = credentials.consumers[name] ?? {}
      return [[accessKeyId, { secretAccessKey, userArn: userArnOf(principal) }] as const]
    }),
  )
  return request => {
    const accessKey = signerOf(request, { secretOf: id => callers.get(id)?.secretAccessKey, now: now() })
    if (accessKey === null) return undefined
    const { userArn = '' } = callers.get(accessKey) ?? {}
    const accountId = userArn.split(':')[4] ?? ''
    const iam = { accessKey, accountId, callerId: accessKey, cognitoIdentity: null, principalOrgId: '' }
    return { iam: { ...iam, userArn, userId: accessKey } }
  }
}
