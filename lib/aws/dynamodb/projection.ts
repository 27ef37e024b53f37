/** Which attributes a read brings, in DynamoDB's words. */

export interface Projection {
  readonly ProjectionExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
}

/** DynamoDB's limit on an expression, in bytes. */
const MAX_BYTES = 4_096

const ALL: Projection = {}

/** Names every attribute by a placeholder, for some are DynamoDB's own words. */
function project(attributes: readonly string[]): Projection {
  const ProjectionExpression = attributes.map((_, i) => `#${i}`).join(',')
  if (ProjectionExpression.length > MAX_BYTES) return ALL
  const ExpressionAttributeNames = Object.fromEntries(attributes.map((name, i) => [`#${i}`, name]))
  return { ProjectionExpression, ExpressionAttributeNames }
}

/** A service's list stays the same: its projection is made once. */
const known = new WeakMap<readonly string[], Projection>()

/** More attributes than an expression can name are not projected: all of them come. */
export function projectionOf(attributes: readonly string[] | undefined): Projection {
  if (attributes === undefined) return ALL
  const before = known.get(attributes)
  if (before !== undefined) return before
  const projection = project(attributes)
  known.set(attributes, projection)
  return projection
}
