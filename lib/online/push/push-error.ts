/** All errors of pushed rows and events: code → sentence and remedy. No message contains a value. */
import { MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../storable/event-bytes.ts'
import { MAX_ITEM_BYTES, MAX_KEY_BYTES, MAX_LINE_BYTES } from '../../storable/row-bytes.ts'

const PUSH_ERRORS = {
  'not-json': { says: 'is not JSON', remedy: 'send one JSON object a record' },
  'bad-field': { says: 'has the wrong form', remedy: 'correct the field' },
  'unknown-view': { says: 'is no view that is served online', remedy: 'correct the name' },
  'of-events': {
    says: 'takes events, not rows',
    remedy: 'push them to its stream: {"source": "…", "event": {…}}',
  },
  'unknown-source': { says: 'is no stream', remedy: 'correct the name' },
  'unknown-field': { says: 'is no field of the stream', remedy: 'leave it out, or correct the name' },
  'missing-field': {
    says: 'is missing',
    remedy: 'give every field of the stream; null where an event has no value',
  },
  'too-large': { says: 'is larger than 256 KB', remedy: 'push a smaller one' },
  unkeyed: {
    says: 'has no view that could take it: of each view over its stream a join key is null',
    remedy: 'give the join keys of one',
  },
  'ahead-of-arrival': {
    says: 'is further ahead of the arrival than the stream tolerates',
    remedy: "set the sender's clock right, or raise the stream's tolerance",
  },
  'entity-full': {
    says: 'has more events in its windows than DynamoDB holds in an item',
    remedy: 'give the view shorter windows, fewer values in lastN, or a finer entity',
  },
  'unknown-column': { says: 'is no column of the view', remedy: 'leave it out, or correct the name' },
  missing: {
    says: 'is missing',
    remedy: 'give every join key, event_timestamp and every feature; null where a feature has no value',
  },
  'bad-value': { says: 'is not of its declared type', remedy: 'correct the value' },
  'key-too-long': {
    says: `is longer than DynamoDB allows, ${MAX_KEY_BYTES} bytes`,
    remedy: 'shorten the key',
  },
  'row-too-long': {
    says: `takes more than ${MAX_ITEM_BYTES} bytes as an item of DynamoDB`,
    remedy: 'shorten its values, or divide the view',
  },
  'event-too-long': {
    says: `takes more than ${MAX_TILES_BYTES} bytes in the items of its windows, or ${MAX_COPY_BYTES} where the view has windows of more than a day`,
    remedy: 'shorten the texts that first, last and lastN keep, and its id',
  },
  'line-too-long': {
    says: `takes more than ${MAX_LINE_BYTES} bytes as JSON`,
    remedy: 'shorten its values: control characters take six bytes each',
  },
  'of-the-future': {
    says: 'is later than the record arrived',
    remedy: 'send a row when it is true; what is not true yet is not served',
  },
} as const satisfies Record<string, { readonly says: string; readonly remedy: string }>

/** The most names that a message lists. A request of 500 events can have as many messages. */
const LISTED = 40

const listed = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')}, …`

export type PushErrorCode = keyof typeof PUSH_ERRORS

export interface PushErrorProps {
  /** The invalid field, with the key of the view or the name of the stream if it is known. */
  readonly subject: string
  /** The kind of the value that was found; never the value. */
  readonly got?: string
  readonly allowed?: readonly string[]
}

/** A record that is invalid and will stay invalid. */
export class PushError extends Error {
  readonly code: PushErrorCode

  constructor(code: PushErrorCode, { subject, got, allowed = [] }: PushErrorProps) {
    const { says, remedy } = PUSH_ERRORS[code]
    const found = got === undefined ? '' : ` (got ${got})`
    const known = allowed.length === 0 ? '' : ` (allowed: ${listed(allowed)})`
    super(`${subject} ${says}${found}${known}; ${remedy}`)
    this.name = 'PushError'
    this.code = code
  }
}
