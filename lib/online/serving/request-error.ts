/** All errors of requests: code → status, sentence and remedy. No message contains a value. */

/** The most item keys of one request: entity rows times the views that the service reads. */
export const MAX_KEYS = 10_000

/** The most feature references in one request. */
export const MAX_REFERENCES = 5_000

/** The largest body of a request, in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** The most events in one request. */
export const MAX_EVENTS = 500

/** The largest response, in bytes. As a string in Lambda's JSON, it must stay below 6 MB. */
export const MAX_ANSWER_BYTES = 5_000_000

/**
 * The smallest size of one value in a response, in bytes: `1,`, `"MASKED",` and an instant such as
 * `"1970-01-01T00:00:00Z",`.
 */
export const MIN_CELL_BYTES = 2 + 9 + 23

interface Sentence {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413
  readonly says: string
  readonly remedy: string
}

export const REQUEST_ERRORS = {
  'not-json': { status: 400, says: 'is not JSON', remedy: 'send one JSON object' },
  'not-utf8': { status: 400, says: 'is not UTF-8', remedy: 'send JSON in UTF-8' },
  'body-too-large': {
    status: 413,
    says: `is larger than ${MAX_BODY_BYTES} bytes`,
    remedy: 'ask for fewer entity rows at a time',
  },
  'bad-field': { status: 400, says: 'has the wrong form', remedy: 'correct the field' },
  'no-selection': {
    status: 400,
    says: 'says neither feature_service nor features',
    remedy: 'name a feature service, or list features as view:feature',
  },
  'two-selections': {
    status: 400,
    says: 'says both feature_service and features',
    remedy: 'keep one of them',
  },
  'unknown-service': { status: 400, says: 'is no feature service', remedy: 'correct the name' },
  'unknown-feature': {
    status: 400,
    says: 'is no feature',
    remedy: 'write view:feature, or correct the name',
  },
  'too-many-features': {
    status: 413,
    says: `lists more than ${MAX_REFERENCES} features`,
    remedy: 'split the features over several requests, or name a feature service',
  },
  'not-online': {
    status: 400,
    says: 'is not served online: its view has online: false',
    remedy: 'leave it out, or set online: true in the definition and materialize the view',
  },
  'missing-join-key': {
    status: 400,
    says: 'is missing',
    remedy: 'give a list with one value for each entity row',
  },
  'unknown-join-key': {
    status: 400,
    says: 'is no join key and no request value of these features',
    remedy: 'leave it out, or correct the name',
  },
  'null-join-key': {
    status: 400,
    says: 'is null',
    remedy: 'leave the entity row out; a join key is never null',
  },
  'bad-join-key': {
    status: 400,
    says: 'is not of the type of its join key',
    remedy: 'send a value of that type',
  },
  'missing-request-value': {
    status: 400,
    says: 'is missing',
    remedy: 'give a list with one value for each entity row; derived features are made of it',
  },
  'bad-request-value': {
    status: 400,
    says: 'is not of the type of its request value',
    remedy: 'send a value of that type, or null',
  },
  'derived-feature': {
    status: 400,
    says: 'is derived, and answered within feature services only',
    remedy: 'name a feature service that has it',
  },
  'unequal-columns': {
    status: 400,
    says: 'is not as long as the other columns',
    remedy: 'give every column one value for each entity row',
  },
  'too-many-keys': {
    status: 400,
    says: `asks for more than ${MAX_KEYS} keys (entity rows times the items of their views)`,
    remedy: 'split the entity rows over several requests',
  },
  'key-too-long': {
    status: 400,
    says: 'makes an entity key that is too long for the store',
    remedy: 'check the value; no entity with such a key can be online',
  },
  'answer-too-large': {
    status: 413,
    says: `has an answer of more than ${MAX_ANSWER_BYTES} bytes`,
    remedy: 'split the entity rows over several requests',
  },
  unauthenticated: {
    status: 401,
    says: 'is signed by nobody',
    remedy:
      'sign it (Signature Version 4, service execute-api) with the credentials of a consumer’s principal',
  },
  'unknown-caller': {
    status: 403,
    says: 'is no principal of any consumer',
    remedy: 'add it to a consumer’s principals in the definitions',
  },
  'not-granted': {
    status: 403,
    says: 'may not read all that is asked for',
    remedy: 'grant it these features in the definitions, or leave them out',
  },
  'push-not-granted': {
    status: 403,
    says: 'may not push this',
    remedy: "add it to the consumer's pushes in the definitions",
  },
  'unknown-stream': {
    status: 404,
    says: 'is no stream of this store, and no view that a consumer may push',
    remedy: "correct the name, or add it to a consumer's pushes in the definitions",
  },
  'too-many-events': {
    status: 413,
    says: `has more than ${MAX_EVENTS} events`,
    remedy: 'split them over several requests',
  },
  'events-too-large': {
    status: 413,
    says: `is larger than ${MAX_BODY_BYTES} bytes`,
    remedy: 'split the events over several requests',
  },
  'unknown-route': { status: 404, says: 'is not served here', remedy: 'see GET /openapi.json' },
  'wrong-method': { status: 405, says: 'does not take this method', remedy: 'use an allowed one' },
} as const satisfies Record<string, Sentence>

export type RequestErrorCode = keyof typeof REQUEST_ERRORS

export interface RequestDiagnostic {
  /** The invalid part of the request: a field, a name, or a path such as `entities.origin[3]`. */
  readonly subject: string
  /** The kind of the value that was found; never the value. @default not in the message */
  readonly got?: string
  /** The allowed values. @default not in the message */
  readonly allowed?: readonly string[]
  /** References to features without a grant. @default none */
  readonly lacks?: readonly string[]
  /** The name that was probably meant. @default none */
  readonly meant?: string | undefined
}

/** The most names that a message lists. */
const LISTED = 40

const listed = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')}, …`

function sentence(
  code: RequestErrorCode,
  { subject, got, lacks, allowed, meant }: RequestDiagnostic,
): string {
  const { says, remedy } = REQUEST_ERRORS[code]
  return [
    `${subject} ${says}`,
    ...(got === undefined ? [] : [`got ${got}`]),
    ...(lacks === undefined ? [] : [`lacks: ${listed(lacks)}`]),
    ...(allowed === undefined ? [] : [`allowed: ${listed(allowed)}`]),
    meant === undefined ? remedy : `did you mean ${meant}?`,
  ].join('; ')
}

/** A request that cannot be answered. */
export class RequestError extends Error {
  readonly code: RequestErrorCode
  readonly status: number
  readonly allowed: readonly string[]

  constructor(code: RequestErrorCode, mistake: RequestDiagnostic) {
    super(sentence(code, mistake))
    this.name = 'RequestError'
    this.code = code
    this.status = REQUEST_ERRORS[code].status
    this.allowed = mistake.allowed ?? []
  }
}

/** A name from a request for use in a message: quoted, on one line, and limited in length. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)
