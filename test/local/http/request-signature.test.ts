import { describe, expect, it } from '@jest/globals'
import { HttpRequest as SdkRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import {
  type HttpRequest,
  SignatureError,
  signedHeaders,
  signerOf,
} from '../../../lib/local/http/request-signature.ts'
import { NodeSha256 } from '../../support/node-sha256.ts'

const NOW = Date.UTC(2026, 0, 31, 23, 59, 30)
const CREDENTIALS = { accessKeyId: 'local-scorer', secretAccessKey: 'secret' }
const secretOf = (id: string) => (id === CREDENTIALS.accessKeyId ? CREDENTIALS.secretAccessKey : undefined)
const signer = (request: HttpRequest, now = NOW) => signerOf(request, { secretOf, now })

interface Unsigned {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  readonly body: string
  readonly region: string
}

const onWire = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** A request as a client with the SDK's signer sends it. */
async function sent(
  { method, path, query, body, region }: Unsigned,
  service = 'execute-api',
): Promise<HttpRequest> {
  const sdk = new SignatureV4({ service, region, credentials: CREDENTIALS, sha256: NodeSha256 })
  const headers = { host: '127.0.0.1:6566', 'content-type': ' application/json;  charset=utf-8 ' }
  const request = new SdkRequest({ method, hostname: '127.0.0.1', path, query, headers, body })
  const signed = await sdk.sign(request, { signingDate: new Date(NOW) })
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map(value => `${onWire(name)}=${onWire(value)}`),
  )
  const target = pairs.length === 0 ? path : `${path}?${pairs.reverse().join('&')}`
  return { method, target, headers: signed.headers, body }
}

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
const unsigned: fc.Arbitrary<Unsigned> = fc.record({
  method: fc.constantFrom('POST', 'GET'),
  path: fc
    .array(word.filter(segment => !/^\.{1,2}$/.test(segment)).map(onWire), { maxLength: 3 })
    .map(segments => `/${segments.join('/')}`),
  query: fc.dictionary(
    word.filter(name => name !== '__proto__'),
    fc.oneof(word, fc.uniqueArray(word, { minLength: 1, maxLength: 3 })),
    { maxKeys: 3 },
  ),
  body: fc.oneof(fc.constant(''), fc.json(), fc.string({ unit: 'grapheme' })),
  region: fc.constantFrom('local', 'eu-central-1'),
})

const QUESTION: Unsigned = {
  method: 'POST',
  path: '/get-online-features',
  query: {},
  body: '{"feature_service":"now"}',
  region: 'local',
}

describe('the signature of a request', () => {
  it('is accepted for any request that the SDK signs', async () => {
    await fc.assert(
      fc.asyncProperty(unsigned, async one => {
        expect(signer(await sent(one))).toBe('local-scorer')
      }),
      { seed: 20_260_131, numRuns: 300 },
    )
  })

  it('is accepted when signedHeaders creates it', () => {
    const request = { method: 'POST', target: '/a?b=c', headers: { host: 'localhost' }, body: 'é' }
    expect(signer({ ...request, headers: signedHeaders(request, CREDENTIALS, NOW) })).toBe('local-scorer')
  })

  it('may be missing, and then the signer is null', async () => {
    const { headers, ...request } = await sent(QUESTION)
    expect(signer({ ...request, headers: { host: headers['host'] ?? '' } })).toBeNull()
  })

  it.each<[string, (request: HttpRequest) => HttpRequest, string]>([
    ['another body', request => ({ ...request, body: `${request.body} ` }), 'does not match'],
    ['another method', request => ({ ...request, method: 'PUT' }), 'does not match'],
    ['another path', request => ({ ...request, target: '/health' }), 'does not match'],
    ['a parameter more', request => ({ ...request, target: `${request.target}?a=b` }), 'does not match'],
    [
      'a parameter that is no text',
      request => ({ ...request, target: `${request.target}?%` }),
      'well-formed',
    ],
    [
      'another host',
      ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, host: 'x' } }),
      'does not match',
    ],
    [
      'a signed header that is gone',
      ({ headers: { 'x-amz-date': _, ...headers }, ...rest }) => ({ ...rest, headers }),
      'x-amz-date must be there',
    ],
    [
      'a date that is none',
      ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'x-amz-date': 'now' } }),
      'must say the instant',
    ],
    [
      'headers that are not signed',
      changed(text => text.replace('host;', '')),
      'host must be there, and signed',
    ],
    [
      'another key',
      changed(text => text.replace('local-scorer', 'local-other')),
      'token included in the request is invalid',
    ],
    ['another region', changed(text => text.replace('/local/', '/eu-central-1/')), 'does not match'],
    ['another day', changed(text => text.replace('20260131', '20260130')), 'not current'],
    [
      'another signature',
      changed(text => text.replace(/.$/, end => (end === '0' ? '1' : '0'))),
      'does not match',
    ],
    ['no signature at all', changed(() => 'Bearer token'), 'no Signature Version 4'],
  ])('is refused with %s', async (_what, change, message) => {
    const request = change(await sent(QUESTION))
    expect(() => signer(request)).toThrow(SignatureError)
    expect(() => signer(request)).toThrow(message)
  })

  it('is refused for another service', async () => {
    const request = await sent(QUESTION, 'dynamodb')
    expect(() => signer(request)).toThrow("scoped to correct service: 'execute-api'")
  })

  it('is valid for five minutes before and after its instant', async () => {
    const request = await sent(QUESTION)
    for (const skew of [-300_000, 300_000]) expect(signer(request, NOW + skew)).toBe('local-scorer')
    for (const skew of [-300_001, 300_001])
      expect(() => signer(request, NOW + skew)).toThrow('Signature not current')
  })
})

function changed(change: (authorization: string) => string) {
  return ({ headers, ...rest }: HttpRequest): HttpRequest => ({
    ...rest,
    headers: { ...headers, authorization: change(headers['authorization'] ?? '') },
  })
}
