/**
 * Who may speak to a server on this machine: programs of this machine, and no page of another origin that a browser shows
 * here. A browser sends any page's simple requests to loopback, and calls a name of the page's own loopback if its owner
 * says so (DNS rebinding). So the name, the origin and the content type are looked at before anything else is.
 */
import type { IncomingHttpHeaders } from 'node:http'

export interface GuardedRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

/** A refusal in API Gateway's form. */
export interface Refusal {
  readonly statusCode: 403 | 415
  readonly message: string
}

const NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** As clients write them: HTTP's own port is left out. */
const hostsAt = (port: number): readonly string[] =>
  NAMES.flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))

/** What browsers send of their own accord, without asking the server before: a form's three types, or none. */
const FORM_TYPES = /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)?$/

const typeOf = ({ 'content-type': type = '' }: IncomingHttpHeaders): string =>
  (type.split(';')[0] ?? '').trim().toLowerCase()

/** Without one, no route changes anything. */
const hasBody = ({ 'content-length': length, 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean =>
  encoding !== undefined || Number(length ?? 0) > 0

/** Made for the port on which the server listens; null: the request may come in. */
export function requestGuard(port: number): (request: GuardedRequest) => Refusal | null {
  const hosts = hostsAt(port)
  const origins = hosts.map(host => `http://${host}`)
  return ({ method, headers }) => {
    const { host = '', origin } = headers
    if (!hosts.includes(host.toLowerCase()))
      return {
        statusCode: 403,
        message: `The header Host must be ${hosts.join(' or ')}: this server answers on this machine alone`,
      }
    if (origin !== undefined && !origins.includes(origin.toLowerCase()))
      return {
        statusCode: 403,
        message: 'The header Origin is of another site: this server answers no page of another origin',
      }
    // Of all methods that change something, a browser sends only this one without asking before.
    if (method === 'POST' && hasBody(headers) && FORM_TYPES.test(typeOf(headers)))
      return {
        statusCode: 415,
        message: 'The header Content-Type must be application/json: a form of a page may send any other',
      }
    return null
  }
}
