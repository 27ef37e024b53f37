/** The table of diagnostics: code → parameters → sentence and remedy. */

import { SCALARS, TYPE_NAMES } from '../../definition/value-types.ts'
import { RESERVED_NAMES, RESERVED_PREFIX } from '../../plan/plan.ts'

/** A problem in the definitions: path, value, what is allowed, and what to do. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  /** Names from the outside in, such as `view airport_weather@1 › feature temp`. */
  readonly path: string
  readonly got: string
  readonly allowed: string
  readonly remedy: string
}

interface Sentence {
  readonly says: string
  readonly allowed: string
  readonly remedy: string
}

const joinKeyTypes = Object.entries(SCALARS)
  .filter(([, forms]) => forms.joinKey)
  .map(([name]) => name)
  .join(', ')

export const DIAGNOSTICS = {
  'wrong-kind': {
    says: 'is not what belongs here',
    allowed: 'see the type of this field',
    remedy: 'give it what is allowed, or leave it out if it is optional',
  },
  'bad-name': {
    says: 'is not a name',
    allowed: '[a-z][a-z0-9_]{0,62}',
    remedy: 'start with a lower-case letter, then lower-case letters, digits and _, 63 characters at most',
  },
  'reserved-name': {
    says: 'is a name that the store keeps for itself',
    allowed: `any but ${RESERVED_NAMES.join(', ')} and names that begin with ${RESERVED_PREFIX}`,
    remedy: 'choose another name',
  },
  'duplicate-name': {
    says: 'is defined more than once',
    allowed: 'one definition a name (views: a name and version)',
    remedy: 'rename one of them, or give the view its next version',
  },
  'unknown-name': {
    says: 'is not known here',
    allowed: 'a name that is defined',
    remedy: 'correct the name or define it',
  },
  'unknown-type': { says: 'is not a value type', allowed: TYPE_NAMES.join(', '), remedy: 'use one of these' },
  'join-key-type': {
    says: 'cannot be the type of a join key',
    allowed: joinKeyTypes,
    remedy: 'keys are compared for equality, so use a type with exact equality',
  },
  'join-key-missing': {
    says: 'is a join key that the source has no column for',
    allowed: 'every join key of the view’s entities, under its own name',
    remedy: 'rename the column in the transformation, or correct the entity',
  },
  'join-key-mismatch': {
    says: 'is typed differently in two places',
    allowed: 'one type for one join key',
    remedy: 'give it one type, or map one of them to another column with joinKeys',
  },
  'column-missing': {
    says: 'is a column that the source does not have',
    allowed: 'the columns that the source declares',
    remedy: 'correct the name, declare the column, or make it in the transformation',
  },
  'column-mismatch': {
    says: 'is typed differently in the source',
    allowed: 'the type that the source declares',
    remedy: 'correct the type, or cast it in the transformation',
  },
  'feature-claimed-twice': {
    says: 'is taken twice under one alias',
    allowed: 'each feature once, in one role, for each alias',
    remedy: 'give one of the picks another alias, or take the feature once',
  },
  'column-clash': {
    says: 'is the name of two columns',
    allowed: 'one column a name',
    remedy: 'rename one of the features, or change an alias',
  },
  'relation-clash': {
    says: 'is the name of two tables or views in the offline store',
    allowed: 'names that no other view makes: each view makes <name>, <name>_history and <name>_v<version>',
    remedy: 'rename one of the two views',
  },
  'columns-undeclared': {
    says: 'is declared of the events',
    allowed: 'the columns that are aggregated, with their types',
    remedy: 'declare columns in the view or in its source',
  },
  'no-event-id': {
    says: 'does not tell an event from another',
    allowed: 'one column or more',
    remedy: 'name the columns that do, so that an event that comes twice is counted once',
  },
  'event-id-type': {
    says: 'cannot tell events apart',
    allowed: 'string, int32, int64, date, bool',
    remedy: 'use columns whose texts are the same everywhere; the event timestamp counts by itself',
  },
  'aggregation-type': {
    says: 'cannot be made of this column',
    allowed: 'a column of a fitting type',
    remedy: 'aggregate another column, or otherwise',
  },
  'bad-filter': {
    says: 'is not a condition on the columns of an event',
    allowed: 'an expression of type bool over these columns',
    remedy: 'correct the expression',
  },
  'bad-expression': {
    says: 'is not an expression over these inputs',
    allowed: 'an expression over input features, request values and other features by derived(name, type)',
    remedy: 'correct the expression',
  },
  'request-type': {
    says: 'cannot be the type of a request value',
    allowed: Object.keys(SCALARS)
      .filter(name => name !== 'bytes')
      .join(', '),
    remedy: 'send a value that expressions know',
  },
  'request-mismatch': {
    says: 'is typed differently in two places',
    allowed: 'one type for one request value',
    remedy: 'give it one type, or rename one of them',
  },
  'unused-input': {
    says: 'is given, and no feature is made of it',
    allowed: 'inputs and request values that a feature refers to',
    remedy: 'leave it out, or make a feature of it',
  },
  'bad-count': {
    says: 'is not a count of values',
    allowed: 'a whole number from 1 to 100',
    remedy: 'keep fewer values, or take them from a table of events',
  },
  'no-windows': {
    says: 'has no window',
    allowed: 'one window or more',
    remedy: 'say over which lengths of time events are aggregated',
  },
  'window-below-tile': {
    says: 'is shorter than its tile',
    allowed: 'a window of one tile or more',
    remedy: 'lengthen the window, or set a smaller tile',
  },
  'window-too-long': {
    says: 'is longer than a window can be',
    allowed: 'up to 400 days',
    remedy: 'aggregate the whole history in a feature view with a transformation',
  },
  'bad-tile': {
    says: 'does not divide a day into whole tiles',
    allowed: 'whole seconds of which a whole number is a day, such as minutes(5), hours(1), days(1)',
    remedy: 'choose one of these',
  },
  'stream-transformation': {
    says: 'is a transformation of a stream',
    allowed: 'none: an event is taken as it comes, by a feature view under the names of its columns',
    remedy: 'make the columns where events are made, or derive features when they are served',
  },
  'bad-mask': {
    says: 'cannot mask this feature',
    allowed: "with pii: true, 'null' for any type, also 'hash' and 'last-four' for string",
    remedy: 'choose a mask that fits, or leave it out: null is then served',
  },
  'cleared-pii': {
    says: 'clears a feature that is marked pii',
    allowed: 'one of the two: pii: true, or cleared with the reason why it tells of no person',
    remedy: 'leave one of them out',
  },
  'bad-principal': {
    says: 'is not an IAM role or user',
    allowed: 'arn:aws:iam::<account>:role/<name> or arn:aws:iam::<account>:user/<name>',
    remedy: 'write the ARN of the role itself, not of its session, its account or a pattern',
  },
  'protected-principal': {
    says: 'is a role that AWS itself manages: no policy can be attached to it',
    allowed: 'roles and users of your own',
    remedy: 'let it assume a role of your own, and name that role here',
  },
  'too-many-principals': {
    says: 'of other accounts are more than the policy of one role can name',
    allowed: 'some 25 to 40 roles and users of other accounts, by the length of their names',
    remedy: 'divide the consumer in two, or let one role of each account stand for it',
  },
  'principal-claimed-twice': {
    says: 'is claimed twice',
    allowed: 'each role and user once, in one consumer; a role’s path does not tell it apart',
    remedy: 'remove one of them, or merge the consumers',
  },
  'no-principals': {
    says: 'has no principal',
    allowed: 'one IAM role or user or more',
    remedy: 'say who calls as this consumer',
  },
  'no-grants': {
    says: 'has no grant',
    allowed: 'one grant or more, to read or to push',
    remedy: 'grant it a service, a view or a pick, name what it pushes, or remove it',
  },
  'bad-push': {
    says: 'cannot be pushed',
    allowed: 'a stream source, or a view that takes rows and is served online',
    remedy: 'name the stream whose events the view takes, or set online: true; else leave it out',
  },
  'bad-approver': {
    says: 'is no approver',
    allowed: 'an e-mail address, @user or @organization/team, also as { name, publicKey }',
    remedy: 'name somebody whom CODEOWNERS knows',
  },
  'bad-public-key': {
    says: 'is not an Ed25519 public key',
    allowed: 'its PEM, from -----BEGIN PUBLIC KEY----- on',
    remedy: 'write what `openssl pkey -in key.pem -pubout` prints, or leave it out',
  },
  'not-positive': {
    says: 'is not a positive duration',
    allowed: 'whole milliseconds from 1 to 100 years',
    remedy: 'use a duration such as hours(3), or leave it out',
  },
  'stale-beyond-ttl': {
    says: 'is longer than a value is good for',
    allowed: 'a duration up to the view’s ttl',
    remedy: 'shorten maxStaleness, or lengthen the ttl',
  },
  'freshness-unscheduled': {
    says: 'is a freshness that no run keeps',
    allowed: 'a freshness of views that are online and have a schedule of at least once a week',
    remedy: 'give the view such a schedule, or leave freshness out',
  },
  'freshness-not-kept': {
    says: 'is fresher than the view can be',
    allowed: 'the longest time between two runs, and that of a run',
    remedy: 'run it more often, allow less staleness, or allow an older answer',
  },
  'latency-below-read': {
    says: 'is less than a read takes',
    allowed: 'what DynamoDB takes to answer, and each key',
    remedy:
      'allow more, or give views that need not be fresh a maxStaleness, so that memory answers for them',
  },
  'item-too-large': {
    says: 'of vectors do not fit into an item of the online store',
    allowed: '409600 bytes',
    remedy: 'divide the features among two views, or shorten the vectors',
  },
  'bad-version': {
    says: 'is not a version',
    allowed: 'a whole number from 1 to 999999',
    remedy: 'count versions from 1',
  },
  'retired-version': {
    says: 'was retired, as quern.lock.json says: what was trained on it must never mean something else',
    allowed: 'versions that were never retired',
    remedy: 'remove it, give the view its next version, or bring this one back with quern restore',
  },
  'bad-schedule': {
    says: 'is not a schedule',
    allowed: "{ every: <duration of whole minutes> } or { cron: '<six fields, UTC>' }",
    remedy: "write for example { every: hours(1) } or { cron: '0 6 * * ? *' }",
  },
  'bad-format': {
    says: 'does not tell its format',
    allowed: '.parquet, .csv, .jsonl, .ndjson (the last three also with .gz or .zst)',
    remedy: "say format: 'parquet', 'csv' or 'jsonl'",
  },
  'bad-transformation': {
    says: 'is not one SELECT',
    allowed: 'one SELECT (or WITH … SELECT) over the table source, without a semicolon',
    remedy: 'write a single query that reads from source',
  },
  'not-portable': {
    says: 'does not mean the same on this machine and in Athena',
    allowed: 'the SQL of docs/reference/sql.md',
    remedy: 'write what is portable',
  },
  'no-entities': {
    says: 'has no entity',
    allowed: 'one entity or more',
    remedy: 'name the entities that it describes',
  },
  'no-join-keys': {
    says: 'has no join key',
    allowed: 'one join key or more',
    remedy: 'say what tells two of them apart',
  },
  'no-features': {
    says: 'has no features',
    allowed: 'one feature or more',
    remedy: 'add a feature, or remove it',
  },
  'dax-unused': {
    says: 'is how long a DAX cluster keeps an item, longer than any view may lag behind the table',
    allowed: 'up to the greatest maxStaleness of the online views',
    remedy: 'shorten the item TTL, give views that need not be fresh a maxStaleness, or leave DAX out',
  },
  'dax-shows-more': {
    says: 'is shown the view whole by a DAX cluster, which knows no grants of its callers',
    allowed: 'views that every consumer is granted whole and unmasked',
    remedy:
      'grant it whole and unmasked, keep its maxStaleness below the item TTL so that it is read from the table, or leave DAX out',
  },
  'bad-environment-name': {
    says: 'is not the name of an environment',
    allowed: '[a-z][a-z0-9-]{0,19}, without - at the end and without two in a row',
    remedy: 'choose a short name such as dev or prod: it is part of the name of all that is deployed',
  },
  'bad-account': {
    says: 'is not an AWS account',
    allowed: 'twelve digits, as a text',
    remedy: 'write the account’s number, or leave it out: it is then that of the credentials that deploy',
  },
  'bad-region': {
    says: 'is not an AWS region',
    allowed: 'a region’s code, such as eu-central-1',
    remedy: 'correct the code; for a region that is newer than this version of quern, take a newer version',
  },
  'bad-tag': {
    says: 'is not a tag that AWS takes on all that is deployed',
    allowed: 'a name and a value of letters, digits, spaces and _ . : / = + - @',
    remedy: 'change it, or leave it out',
  },
  'too-many-tags': {
    says: 'are more tags than fit on a resource',
    allowed: 'up to 47: AWS allows 50, and quern adds its own',
    remedy: 'leave some out',
  },
  'other-partition': {
    says: 'is of another partition of AWS, which nothing reaches from here',
    allowed: 'what is of the environment’s own partition',
    remedy: 'name one of the same partition, or make an environment of its own for that partition',
  },
  'other-place': {
    says: 'is in another region or account than the environment',
    allowed: 'what is in the environment’s region and account',
    remedy: 'name one that is there, or leave it out',
  },
  'bad-number': {
    says: 'is not a number that fits here',
    allowed: 'see the type of this field',
    remedy: 'change it to one that is allowed, or leave it out',
  },
  'unknown-option': {
    says: 'is an option that is not known here, and so would do nothing',
    allowed: 'see the type of this definition',
    remedy: 'correct the name, or leave it out',
  },
  'not-made': {
    says: 'is exported, and is neither a definition nor clearly something else',
    allowed: 'what quern’s functions make, also in lists and objects; or what looks like no definition',
    remedy: 'make it by the function of its kind, such as featureView({ … }), or do not export it',
  },
  'case-clash': {
    says: 'differ in case only, and are one column to the engines',
    allowed: 'names that differ in more than case',
    remedy: 'rename one of them, in the transformation where the source cannot change',
  },
  'bad-choice': {
    says: 'is none of the choices',
    allowed: 'see the type of this field',
    remedy: 'use one of these, or leave it out',
  },
  'bad-spelling': {
    says: 'is not written as AWS writes it',
    allowed: 'see the type of this field',
    remedy: 'correct it',
  },
  'bad-replica': {
    says: 'cannot have a replica of the online table',
    allowed: 'each other region once',
    remedy: 'leave it out',
  },
  'provisioned-beyond-reserved': {
    says: 'are more warm functions than may run',
    allowed: 'up to the reserved concurrency',
    remedy: 'reserve more, or provision less',
  },
  cycle: {
    says: 'depends on itself',
    allowed: 'views whose sources lead to files or tables',
    remedy: 'break the circle at one of these views',
  },
} as const satisfies Record<string, Sentence>

export type DiagnosticCode = keyof typeof DIAGNOSTICS

/** The text of a diagnostic for people. */
export const diagnosticText = (mistake: Diagnostic): string =>
  `${mistake.path}: ${mistake.got} ${DIAGNOSTICS[mistake.code].says} [${mistake.code}]; allowed: ${mistake.allowed}; ${mistake.remedy}`

/** All diagnostics of a set of definitions. */
export class CompileError extends Error {
  readonly mistakes: readonly Diagnostic[]

  constructor(mistakes: readonly Diagnostic[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
    super(`the definitions have ${count}:\n${mistakes.map(m => `  - ${diagnosticText(m)}`).join('\n')}`)
    this.name = 'CompileError'
    this.mistakes = mistakes
  }
}
