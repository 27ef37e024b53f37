/** The IAM authorizer's part: a signed request becomes the context that API Gateway puts into the event. */
import type { APIGatewayEventRequestContextIAMAuthorizer } from 'aws-lambda'
import type { ConsumerPlan } from '../../plan/plan.ts'
import type { LocalCredentials } from './local-credentials.ts'
import { type HttpRequest, signerOf } from './request-signature.ts'

/**
 * Undefined for a request that nobody signed.
 * @throws {SignatureError} if the signature is not right
 */
export type Authorizer = (request: HttpRequest) => APIGatewayEventRequestContextIAMAuthorizer | undefined

export interface IamAuthorizerProps {
  readonly consumers: readonly ConsumerPlan[]
  readonly credentials: Pick<LocalCredentials, 'consumers'>
  /** Milliseconds since 1970. @default the machine's clock */
  readonly now?: () => number
}

/** As AWS tells a caller: a role by its session. */
const userArnOf = (principal: string): string =>
  principal.replace(/^(arn:[^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, '$1:sts::$2:assumed-role/$3/local')

/** Takes the consumers' local credentials; who signs with them calls as the consumer's first principal. */
export function iamAuthorizer({ consumers, credentials, now = Date.now }: IamAuthorizerProps): Authorizer {
  const known = new Map(
    consumers.flatMap(({ name, principals: [principal = ''] }) => {
      const { accessKeyId = '', secretAccessKey = '' } = credentials.consumers[name] ?? {}
      return [[accessKeyId, { secretAccessKey, userArn: userArnOf(principal) }] as const]
    }),
  )
  return request => {
    const accessKey = signerOf(request, { secretOf: id => known.get(id)?.secretAccessKey, now: now() })
    if (accessKey === null) return undefined
    const { userArn = '' } = known.get(accessKey) ?? {}
    const accountId = userArn.split(':')[4] ?? ''
    const iam = { accessKey, accountId, callerId: accessKey, cognitoIdentity: null, principalOrgId: '' }
    return { iam: { ...iam, userArn, userId: accessKey } }
  }
}
