/** Which ARNs may stand for a consumer. */
import { isPartition } from './aws-regions.ts'

/** IAM lets a path have wildcards in it; in a policy they would stand for other roles. */
const PRINCIPAL =
  /^arn:(aws[a-z-]*):iam::\d{12}:(?:role|user)(\/(?:(?![*?$])[!-~]){0,510})?\/[\w+=,.@-]{1,64}$/

/** Is it the ARN of a role or a user? */
export const isPrincipal = (value: unknown): value is string =>
  typeof value === 'string' && isPartition(PRINCIPAL.exec(value)?.[1] ?? '')

/** Of IAM Identity Center and of AWS's services: only they change these roles. */
const PROTECTED = /:role\/(aws-reserved\/|aws-service-role\/)|\/(AWSReservedSSO_|AWSServiceRoleFor)[^/]*$/i

/** Does AWS itself keep the role, so that nothing can be attached to it? */
export const isProtected = (arn: string): boolean => PROTECTED.test(arn)
