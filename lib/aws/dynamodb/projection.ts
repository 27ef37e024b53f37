/** The attributes that a read returns, as a DynamoDB projection expression. */

export interface Projection {
  readonly ProjectionExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
}

/** DynamoDB's limit on an expression, in bytes. */
const MAX_BYTES = 4_096

const ALL: Projection = {}

/** Uses a placeholder for each attribute, because some names are reserved words of DynamoDB. */
function project(attributes: readonly string[]): Projection {
  const ProjectionExpression = attributes.map((_, i) => `#${i}`).join(',')
  if (ProjectionExpression.length > MAX_BYTES) return ALL
  const ExpressionAttributeNames = Object.fromEntries(attributes.map((name, i) => [`#${i}`, name]))
  return { ProjectionExpression, ExpressionAttributeNames }
}

/** Caches projections: a service passes the same list object on each read. */
const cache = new WeakMap<readonly string[], Projection>()

/** If the expression would exceed DynamoDB's limit, the read returns all attributes. */
export function projectionOf(attributes: readonly string[] | undefined): Projection {
  if (attributes === undefined) return ALL
  const cached = cache.get(attributes)
  if (cached !== undefined) return cached
  const projection = project(attributes)
  cache.set(attributes, projection)
  return projection
}
