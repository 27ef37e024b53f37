/**
 * The table of all changes of definitions: code → class, sentence, remedy, and action of affected users.
 */

/**
 * `compatible`: users need no action. `breaking`: named users must act. `refused`: it would change the semantic hash of
 * an existing version; only the next version may have it.
 */
export type ChangeClass = 'compatible' | 'breaking' | 'refused'

interface Sentence {
  readonly class: ChangeClass
  readonly says: string
  /** What the author of the change must do or know; null: nothing. */
  readonly remedy: string | null
  /** What its users must do; null: nothing. */
  readonly users: string | null
}

const NEXT = 'keep it as it was, and make the change in the view’s next version, which lives beside this one'
const NEXT_USERS = 'take the next version when it is filled, and train again on it'

export const CHANGES = {
  'view-added': { class: 'compatible', says: 'is new', remedy: null, users: null },
  'version-added': {
    class: 'compatible',
    says: 'is a new version, beside the others',
    remedy: null,
    users: null,
  },
  'view-removed': {
    class: 'refused',
    says: 'is gone from the definitions and was not retired',
    remedy: 'put it back, or end it with quern retire',
    users: 'use another view, before this one is retired',
  },
  'view-deprecated': {
    class: 'compatible',
    says: 'is deprecated',
    remedy: null,
    users: 'move to what stands in its place, before that day',
  },
  'view-retired': { class: 'compatible', says: 'is retired', remedy: null, users: null },
  'view-restored': { class: 'compatible', says: 'is active again', remedy: null, users: null },
  'feature-added': {
    class: 'compatible',
    says: 'is new; it is null in all rows until they are ingested again',
    remedy: null,
    users: null,
  },
  'event-feature-added': {
    class: 'refused',
    says: 'is new, and events that were taken in before would have null in it',
    remedy: NEXT,
    users: null,
  },
  'feature-removed': { class: 'refused', says: 'is gone', remedy: NEXT, users: NEXT_USERS },
  'feature-retyped': { class: 'refused', says: 'has another type', remedy: NEXT, users: NEXT_USERS },
  'feature-hidden': {
    class: 'breaking',
    says: 'is masked otherwise',
    remedy: 'grant it unmasked to those who may see it',
    users: 'expect the mask in place of the value, or ask for an unmasked grant',
  },
  'feature-shown': {
    class: 'compatible',
    says: 'is no longer masked',
    remedy: 'everybody to whom it is granted sees it as it is: make sure that it says nothing of a person',
    users: null,
  },
  'keys-changed': { class: 'refused', says: 'has other join keys', remedy: NEXT, users: NEXT_USERS },
  'aggregates-changed': {
    class: 'refused',
    says: 'aggregates events otherwise',
    remedy: NEXT,
    users: NEXT_USERS,
  },
  'transformation-changed': { class: 'refused', says: 'is another SELECT', remedy: NEXT, users: NEXT_USERS },
  'transformation-grown': {
    class: 'compatible',
    says: 'has new columns at the end of its list, and is otherwise the same',
    remedy: null,
    users: null,
  },
  'source-widened': {
    class: 'compatible',
    says: 'declares more columns, which the view does not read',
    remedy: null,
    users: null,
  },
  'source-changed': { class: 'refused', says: 'is another source', remedy: NEXT, users: NEXT_USERS },
  'times-changed': {
    class: 'refused',
    says: 'takes its time from elsewhere',
    remedy: NEXT,
    users: NEXT_USERS,
  },
  'upstream-changed': {
    class: 'compatible',
    says: 'reads a view that has changed; its own columns mean what they did',
    remedy: null,
    users: null,
  },
  'ttl-longer': {
    class: 'compatible',
    says: 'is longer: values are answered that were too old before',
    remedy:
      'what was trained before saw nothing that old; items online keep the expiry that they were written with, until their next row',
    users: 'train again if that matters to the model',
  },
  'ttl-shorter': {
    class: 'refused',
    says: 'is shorter: values would be missing that were there',
    remedy: NEXT,
    users: NEXT_USERS,
  },
  'staleness-longer': {
    class: 'compatible',
    says: 'is longer: answers may lag further behind',
    remedy: null,
    users: 'expect older answers',
  },
  'staleness-shorter': { class: 'compatible', says: 'is shorter', remedy: null, users: null },
  'online-on': { class: 'compatible', says: 'is served online now', remedy: null, users: null },
  'online-off': {
    class: 'refused',
    says: 'would no longer be served online',
    remedy: NEXT,
    users: NEXT_USERS,
  },
  'schedule-changed': { class: 'compatible', says: 'is another', remedy: null, users: null },
  'budget-changed': { class: 'compatible', says: 'is another budget', remedy: null, users: null },
  'owner-changed': { class: 'compatible', says: 'is another', remedy: null, users: null },
  'approvers-changed': {
    class: 'compatible',
    says: 'are others; those of before must agree',
    remedy: null,
    users: null,
  },
  'about-changed': {
    class: 'compatible',
    says: 'has another description, other tags or another order of columns',
    remedy: null,
    users: null,
  },
  'service-added': { class: 'compatible', says: 'is new', remedy: null, users: null },
  'service-removed': {
    class: 'breaking',
    says: 'is gone',
    remedy: 'see that nobody asks for it any more',
    users: 'ask another service: this one is answered 400 unknown-service',
  },
  'service-feature-added': { class: 'compatible', says: 'is new in the service', remedy: null, users: null },
  'service-feature-removed': {
    class: 'breaking',
    says: 'is gone from the service',
    remedy: 'make a service of another name beside this one, or move its callers first',
    users: 'do without the column, and train again',
  },
  'service-feature-retyped': {
    class: 'breaking',
    says: 'has another type in the service',
    remedy: 'make a service of another name beside this one, or move its callers first',
    users: 'read the new type, generate clients anew, and train again',
  },
  'service-feature-moved': {
    class: 'compatible',
    says: 'comes from elsewhere: same name, same type, another meaning',
    remedy: 'try it on a share of the traffic (quern rollout) before all of it',
    users: 'train again on it, or see that the model does as well',
  },
  'service-column-renamed': {
    class: 'breaking',
    says: 'is answered under another name',
    remedy: 'give the newcomer of that name another one with rename',
    users: 'read the column under its new name, or ask with full_feature_names',
  },
  'service-role-changed': {
    class: 'breaking',
    says: 'is looked up by other keys',
    remedy: 'take it under another alias',
    users: 'train again: the value is of another entity',
  },
  'service-keys-changed': {
    class: 'breaking',
    says: 'is asked with other join keys',
    remedy: 'make a service of another name beside this one, or move its callers first',
    users: 'send the join keys that it now asks for',
  },
  'service-request-changed': {
    class: 'breaking',
    says: 'is asked with other request values',
    remedy: 'make a service of another name beside this one, or move its callers first',
    users: 'send the request values that it now asks for, and have them in spines',
  },
  'derived-changed': {
    class: 'breaking',
    says: 'is made otherwise: same name, other values',
    remedy:
      'derive it under another name, or try it on a share of the traffic (quern rollout) before all of it',
    users: 'train again on it',
  },
  'spine-changed': {
    class: 'compatible',
    says: 'is another: training sets made from now on start from other rows',
    remedy: null,
    users: null,
  },
  'consumer-added': { class: 'compatible', says: 'is new', remedy: null, users: null },
  'store-closed': {
    class: 'breaking',
    says: 'is the first consumer: until now the store answered everybody',
    remedy: 'define a consumer for each caller',
    users: 'sign requests, as a principal of a consumer',
  },
  'consumer-removed': {
    class: 'breaking',
    says: 'is gone',
    remedy: 'see that its principals do not call any more; without any consumer the store answers everybody',
    users: 'expect 403 unknown-caller',
  },
  'grant-added': { class: 'compatible', says: 'is granted', remedy: null, users: null },
  'grant-removed': {
    class: 'breaking',
    says: 'is no longer granted',
    remedy: 'see that it is not asked for any more',
    users: 'ask for it no longer: such a request is refused whole',
  },
  'grant-masked': {
    class: 'breaking',
    says: 'is shown otherwise',
    remedy: null,
    users: 'expect the mask in place of the value',
  },
  'grant-unmasked': { class: 'compatible', says: 'is shown as it is', remedy: null, users: null },
  'push-granted': { class: 'compatible', says: 'may be pushed', remedy: null, users: null },
  'push-removed': {
    class: 'breaking',
    says: 'may no longer be pushed',
    remedy: 'see that it is not pushed any more: what is refused is lost, unless its sender keeps it',
    users: 'push it no longer, or as another consumer: expect 403 push-not-granted',
  },
  'principal-added': { class: 'compatible', says: 'may call', remedy: null, users: null },
  'principal-removed': {
    class: 'breaking',
    says: 'may no longer call',
    remedy: 'see that it does not call any more',
    users: 'call as another principal',
  },
} as const satisfies Record<string, Sentence>

export type ChangeCode = keyof typeof CHANGES

export const sentenceOf = (code: ChangeCode): Sentence => CHANGES[code]
