/** Signature Version 4 for a POST of JSON to AWS. test/aws compares it with the SDK's signer byte by byte. */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

export interface SignableRequest {
  /** Host name, with the port if it is not the protocol's default. */
  readonly host: string
  /** Only unreserved characters and slashes. */
  readonly path: string
  /** Such as `DynamoDB_20120810.PutItem`. @default none, for an API behind API Gateway */
  readonly target?: string
  readonly body: string
}

export interface Signatory {
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  readonly region: string
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number
}

/** @returns all headers of the request except its content length */
export type Sign = (request: SignableRequest, signatory: Signatory) => Readonly<Record<string, string>>

export const ALGORITHM = 'AWS4-HMAC-SHA256'

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** `20260131T235959Z` */
export const basicInstant = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** The scope in which a derived key is valid. */
export interface SigningScope {
  /** Such as `20260131`. */
  readonly day: string
  readonly region: string
  readonly service: string
}

/** Derives the signing key of a secret for a scope. */
export const signingKey = (secret: string, { day, region, service }: SigningScope): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request')

/** Creates a signer for a service. It caches the last derived key, which is valid for one day, region and secret. */
export function signer(service: string): Sign {
  let known: { readonly of: string; readonly key: KeyObject } | undefined
  const keyFor = (day: string, region: string, secret: string): KeyObject => {
    const of = `${day}/${region}/${secret}`
    if (known?.of !== of) {
      known = { of, key: createSecretKey(signingKey(secret, { day, region, service })) }
    }
    return known.key
  }
  return ({ host, path, target, body }, { credentials, region, now }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials
    const instant = basicInstant(now)
    const day = instant.slice(0, 8)
    // SigV4 requires headers in alphabetical order.
    const headers = {
      'content-type': target === undefined ? 'application/json' : 'application/x-amz-json-1.0',
      host,
      'x-amz-date': instant,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      ...(target === undefined ? {} : { 'x-amz-target': target }),
    }
    const names = Object.keys(headers).join(';')
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
    const canonical = `POST\n${path}\n\n${lines.join('')}\n${names}\n${hash('sha256', body)}`
    const scope = `${day}/${region}/${service}/aws4_request`
    const text = `${ALGORITHM}\n${instant}\n${scope}\n${hash('sha256', canonical)}`
    const signature = hmac(keyFor(day, region, secretAccessKey), text).toString('hex')
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
    return { ...headers, authorization }
  }
}
