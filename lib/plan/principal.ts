/** Compares IAM principals by their ARNs. */

const ROLE = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/
const SESSION = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/

/**
 * The same text for a role and all of its sessions. The ARN of a session lacks the path of the role, but role names are
 * unique in an account without the path. Other ARNs are returned unchanged.
 */
export function identityOf(arn: string): string {
  const [, partition, account, name] = ROLE.exec(arn) ?? SESSION.exec(arn) ?? []
  return name === undefined ? arn : `arn:${partition}:iam::${account}:role/${name}`
}
