import { describe, expect, it } from '@jest/globals'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { type SignableRequest, type Signatory, signer } from '../../lib/aws/signature.ts'
import { NodeSha256 } from '../support/node-sha256.ts'

async function signedByTheSdk(request: SignableRequest, { credentials, region, now }: Signatory) {
  const { host, path, target, body } = request
  const sdk = new SignatureV4({
    service: 'dynamodb',
    region,
    credentials,
    sha256: NodeSha256,
    applyChecksum: false,
  })
  const headers =
    target === undefined
      ? { 'content-type': 'application/json', host }
      : { 'content-type': 'application/x-amz-json-1.0', host, 'x-amz-target': target }
  const unsigned = new HttpRequest({ method: 'POST', hostname: host, path, headers, body })
  return (await sdk.sign(unsigned, { signingDate: new Date(now) })).headers
}

const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
    secretAccessKey: fc.string({ minLength: 1, unit: 'binary' }),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9+/=]{1,200}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
)
const signatory = fc.record({
  credentials,
  region: fc.constantFrom('local', 'eu-central-1', 'us-gov-west-1', 'cn-north-1'),
  now: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
})
const request: fc.Arbitrary<SignableRequest> = fc.record(
  {
    host: fc.constantFrom('dynamodb.eu-central-1.amazonaws.com', '127.0.0.1:4567', 'localhost'),
    path: fc.stringMatching(/^(\/[A-Za-z0-9._~-]*[A-Za-z0-9]){0,3}$/).map(path => path || '/'),
    target: fc.constantFrom('DynamoDB_20120810.PutItem', 'DynamoDB_20120810.BatchGetItem'),
    body: fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
  },
  // Without a target: an API behind API Gateway.
  { requiredKeys: ['host', 'path', 'body'] },
)

describe('signer', () => {
  it('gives the same signature as the SDK, byte for byte', async () => {
    const sign = signer('dynamodb')
    await fc.assert(
      fc.asyncProperty(request, signatory, async (one, by) => {
        expect(sign(one, by)).toStrictEqual(await signedByTheSdk(one, by))
      }),
      { numRuns: 500 },
    )
  })

  it('changes the signature with the day, the region and the secret, despite its cached key', async () => {
    const sign = signer('dynamodb')
    const one = { host: 'localhost', path: '/', target: 'DynamoDB_20120810.GetItem', body: '{}' }
    const by = { credentials: { accessKeyId: 'A', secretAccessKey: 'a' }, region: 'local', now: 0 }
    for (const other of [
      by,
      { ...by, now: 86_400_000 },
      { ...by, region: 'eu-central-1' },
      { ...by, credentials: { accessKeyId: 'A', secretAccessKey: 'b' } },
      by,
    ])
      expect(sign(one, other)).toStrictEqual(await signedByTheSdk(one, other))
  })
})
