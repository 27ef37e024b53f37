/**
 * Creates Signature Version 4 for requests to API Gateway (service `execute-api`) and other services, and checks it
 * as API Gateway's IAM authorizer does.
 * test/local compares it with the SDK's signer.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { ALGORITHM, basicInstant, type SigningScope, signingKey } from '../../aws/signature.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query, as sent on the wire. */
  readonly target: string
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** A signature was refused. The message is API Gateway's, where API Gateway has one. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError'
}

const SERVICE = 'execute-api'
const MAX_SKEW_MS = 5 * 60_000

/** RFC 3986: also encodes the characters that encodeURIComponent leaves. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** Sorts parameters by encoded name, then by value. */
function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter(pair => pair !== '')
  const parameters = pairs.map(pair => {
    const [name = '', ...value] = pair.split('=')
    return [name, value.join('=')].map(part => encoded(decodeURIComponent(part))) as [string, string]
  })
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return parameters
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(parameter => parameter.join('='))
    .join('&')
}

/** SigV4 encodes each path segment once more than on the wire. */
function canonicalRequest({ method, target, headers, body }: HttpRequest, names: readonly string[]): string {
  const [path = '/', ...query] = target.split('?')
  const lines = names.map(name => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`)
  return [
    method,
    path.split('/').map(encoded).join('/'),
    canonicalQuery(query.join('?')),
    lines.join(''),
    names.join(';'),
    hash('sha256', body),
  ].join('\n')
}

interface Signing {
  readonly scope: SigningScope
  /** `20260131T235959Z` */
  readonly instant: string
  /** Names of the signed headers, in order. */
  readonly names: readonly string[]
  readonly secret: string
}

const scopeText = ({ day, region, service }: SigningScope): string =>
  `${day}/${region}/${service}/aws4_request`

function signatureOf(request: HttpRequest, { scope, instant, names, secret }: Signing): string {
  const text = [ALGORITHM, instant, scopeText(scope), hash('sha256', canonicalRequest(request, names))].join(
    '\n',
  )
  return createHmac('sha256', signingKey(secret, scope)).update(text).digest('hex')
}

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * Signs a request; its headers must contain the host.
 * @param now milliseconds since 1970
 * @returns all headers with the signature
 */
export function signedHeaders(
  request: HttpRequest,
  { accessKeyId, secretAccessKey: secret }: Credentials,
  now: number,
): Readonly<Record<string, string>> {
  const instant = basicInstant(now)
  const scope = { day: instant.slice(0, 8), region: 'local', service: SERVICE }
  const headers = { ...request.headers, 'x-amz-date': instant }
  const names = Object.keys(headers).sort()
  const signature = signatureOf({ ...request, headers }, { scope, instant, names, secret })
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{64})$/

/** @returns milliseconds since 1970 */
function instantOf(text: string | undefined): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  const [, year, month, day, hour, minute, second] = parts ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(ms))
    throw new SignatureError('The header x-amz-date must say the instant, as 20260131T235959Z')
  return ms
}

export interface Verification {
  readonly secretOf: (accessKeyId: string) => string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** The service that the requests address. @default 'execute-api' */
  readonly service?: string
  /** Headers that must be signed in addition to host and x-amz-date. @default none */
  readonly mustSign?: readonly string[]
}

/**
 * Verifies the signature of a request.
 * @returns the access key id of the signer; null if the request is not signed
 * @throws {SignatureError} if the signature is wrong
 */
export function signerOf(
  request: HttpRequest,
  { secretOf, now, service: own = SERVICE, mustSign = [] }: Verification,
): string | null {
  const { authorization, 'x-amz-date': instant = '' } = request.headers
  if (authorization === undefined) return null
  const [, id = '', day = '', region = '', service = '', signed = '', signature = ''] =
    AUTHORIZATION.exec(authorization) ?? []
  if (id === '') throw new SignatureError('The header Authorization is no Signature Version 4')
  if (service !== own) throw new SignatureError(`Credential should be scoped to correct service: '${own}'.`)
  const names = signed.split(';')
  const missing = ['host', 'x-amz-date', ...mustSign, ...names].find(
    name => !names.includes(name) || request.headers[name] === undefined,
  )
  if (missing !== undefined) throw new SignatureError(`The header ${missing} must be there, and signed`)
  if (Math.abs(instantOf(instant) - now) > MAX_SKEW_MS || !instant.startsWith(day))
    throw new SignatureError(`Signature not current: ${instant}, but it is now ${basicInstant(now)}`)
  const secret = secretOf(id)
  if (secret === undefined) throw new SignatureError('The security token included in the request is invalid.')
  const expected = expectedSignature(request, { scope: { day, region, service }, instant, names, secret })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature)))
    throw new SignatureError('The request signature we calculated does not match the signature you provided.')
  return id
}

function expectedSignature(request: HttpRequest, signing: Signing): string {
  try {
    return signatureOf(request, signing)
  } catch (cause) {
    throw new SignatureError('The query string is not well-formed', { cause })
  }
}
