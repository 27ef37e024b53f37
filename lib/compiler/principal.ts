/** IAM principals by their ARNs. */

const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/(?:[!-~]+\/)?[\w+=,.@-]{1,64}$/

/** Is it the ARN of a role or a user? */
export const isPrincipal = (value: unknown): value is string =>
  typeof value === 'string' && PRINCIPAL.test(value)

const ROLE = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/
const SESSION = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/

/**
 * One text for a role and all of its sessions: a session's ARN lacks the role's path, and a role's name is unique in
 * its account without it. Any other ARN is itself.
 */
export function identityOf(arn: string): string {
  const [, partition, account, name] = ROLE.exec(arn) ?? SESSION.exec(arn) ?? []
  return name === undefined ? arn : `arn:${partition}:iam::${account}:role/${name}`
}
