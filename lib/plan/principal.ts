/** IAM principals by their ARNs. */

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
