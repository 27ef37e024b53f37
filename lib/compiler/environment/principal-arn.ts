/** Checks which ARNs may be principals of a consumer. */
import { isPartition } from './aws-regions.ts'

/** IAM allows wildcards in a path. In a policy they would match other roles. */
const PRINCIPAL =
  /^arn:(aws[a-z-]*):iam::\d{12}:(?:role|user)(\/(?:(?![*?$])[!-~]){0,510})?\/[\w+=,.@-]{1,64}$/

/** Whether it is the ARN of a role or a user. */
export const isPrincipal = (value: unknown): value is string =>
  typeof value === 'string' && isPartition(PRINCIPAL.exec(value)?.[1] ?? '')

/** Paths of IAM Identity Center and AWS services. Only AWS changes these roles. */
const PROTECTED = /:role\/(aws-reserved\/|aws-service-role\/)|\/(AWSReservedSSO_|AWSServiceRoleFor)[^/]*$/i

/** Whether AWS manages the role, so that no policy can be attached to it. */
export const isProtected = (arn: string): boolean => PROTECTED.test(arn)
