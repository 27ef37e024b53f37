/** Access rules as loops over the grants of the definitions, without plan, prepared services or policies. */

/** `view@version:feature` */
export type Reference = string

export interface NaiveGrant {
  readonly references: readonly Reference[]
  readonly unmasked: boolean
}

export interface NaiveConsumer {
  readonly name: string
  readonly principal: string
  readonly grants: readonly NaiveGrant[]
}

export type Sight = 'nothing' | 'masked' | 'clear'

/** What a consumer sees of one feature. */
export function sightOf(consumer: NaiveConsumer, pii: ReadonlySet<Reference>, reference: Reference): Sight {
  let sight: Sight = 'nothing'
  for (const grant of consumer.grants)
    for (const granted of grant.references) {
      if (granted !== reference) continue
      if (grant.unmasked || !pii.has(reference)) return 'clear'
      sight = 'masked'
    }
  return sight
}

/** A request to DynamoDB, with the parts that IAM sees. */
export interface TableRequest {
  readonly action: string
  readonly table: string
  /** Partition keys; undefined if the request has none, such as a scan. */
  readonly keys?: readonly string[]
  /** Names in its projection, filter or update; undefined if it has none. */
  readonly attributes?: readonly string[]
  readonly select?: string
}

const READS = ['GetItem', 'BatchGetItem', 'Query']
/** The attributes of every item beside its features. */
const SHARED = ['pk', 'sk', 'event_timestamp', 'created_timestamp', 'expires_at']

/**
 * True if a consumer may send this request to DynamoDB: a read by key, of one view, of named attributes that it sees
 * unmasked.
 */
export function mayRead(
  consumer: NaiveConsumer,
  pii: ReadonlySet<Reference>,
  own: string,
  { action, table, keys = [], attributes = [], select = 'SPECIFIC_ATTRIBUTES' }: TableRequest,
): boolean {
  if (!READS.includes(action) || table !== own || select !== 'SPECIFIC_ATTRIBUTES') return false
  const views = new Set(keys.map(key => key.slice(0, key.indexOf('|'))))
  const [view] = views
  if (view === undefined || views.size > 1 || attributes.length === 0) return false
  for (const attribute of attributes) {
    if (SHARED.includes(attribute)) continue
    if (sightOf(consumer, pii, `${view}:${attribute}`) !== 'clear') return false
  }
  // A consumer that sees no feature of a view may not see its event timestamps either.
  const granted = consumer.grants.flatMap(({ references }) => references)
  return granted.some(
    reference => reference.startsWith(`${view}:`) && sightOf(consumer, pii, reference) === 'clear',
  )
}
