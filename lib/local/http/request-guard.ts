/**
 * Accepts requests from programs on this machine, and refuses requests from web pages of other origins.
 * A browser sends simple requests of any page to loopback. With DNS rebinding, a page's own host name can resolve to
 * loopback. So the guard checks the host name, the origin and the content type before anything else.
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

/** Host headers as clients write them; they omit port 80. */
const hostsAt = (port: number): readonly string[] =>
  NAMES.flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))

/** Content types that browsers send without a preflight request: the three types of forms, or none. */
const FORM_TYPES = /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)?$/

const typeOf = ({ 'content-type': type = '' }: IncomingHttpHeaders): string =>
  (type.split(';')[0] ?? '').trim().toLowerCase()

/** No route changes data without a body. */
const hasBody = ({ 'content-length': length, 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean =>
  encoding !== undefined || Number(length ?? 0) > 0

/** Creates the guard for the server's port. It returns null if the request is allowed. */
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
    // POST is the only changing method that browsers send without a preflight request.
    if (method === 'POST' && hasBody(headers) && FORM_TYPES.test(typeOf(headers)))
      return {
        statusCode: 415,
        message: 'The header Content-Type must be application/json: a form of a page may send any other',
      }
    return null
  }
}
