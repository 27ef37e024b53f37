/** What dynamoCall takes from the SDK's client: credentials, region, endpoint and clock. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { type DynamoCall, dynamoCall } from '../../../lib/aws/dynamodb/dynamo-call.ts'
import { answers, refuses, type ScriptedDynamoDb, startScriptedDynamoDb } from '../scripted-dynamodb.ts'

const KEY = { TableName: 'online', Key: { pk: { S: 'a' }, sk: { S: 'b' } } }
const CREDENTIALS = { accessKeyId: 'a', secretAccessKey: 'b' }

describe('dynamoCall', () => {
  let server: ScriptedDynamoDb
  const clients: DynamoDBClient[] = []
  const made = (config: DynamoDBClientConfig = {}): DynamoDBClient => {
    const client = new DynamoDBClient({ region: 'eu-central-1', credentials: CREDENTIALS, ...config })
    clients.push(client)
    return client
  }
  const calls = (config: DynamoDBClientConfig = {}): DynamoCall =>
    dynamoCall(made({ endpoint: server.endpoint, ...config }))
  beforeAll(async () => {
    server = await startScriptedDynamoDb()
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy()
    delete process.env['AWS_ENDPOINT_URL_DYNAMODB']
  })
  afterAll(() => server.close())

  it('sends the request and returns the response unchanged', async () => {
    const Item = { b: { B: 'AAH/' }, ü: { L: [{ N: '1e400' }, { NULL: true }] } }
    server.script(() => answers({ Item }))
    expect(await calls()('GetItem', KEY)).toStrictEqual({ Item })
    expect(server.requests).toMatchObject([{ operation: 'GetItem', input: KEY }])
  })

  it('signs with the region of the client', async () => {
    server.script(() => answers({}))
    await calls({ region: async () => 'ap-south-1' })('GetItem', KEY)
    expect(server.requests[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=a\/\d{8}\/ap-south-1\/dynamodb\/aws4_request, SignedHeaders=/,
    )
  })

  it('sends the session token and renews expired credentials', async () => {
    server.script(() => answers({}))
    let renewals = 0
    const credentials = async () => ({
      ...CREDENTIALS,
      sessionToken: `token ${++renewals}`,
      expiration: new Date(),
    })
    const call = calls({ credentials })
    await call('GetItem', KEY)
    await call('GetItem', KEY)
    const tokens = server.requests.map(({ headers }) => headers['x-amz-security-token'])
    expect(tokens).toHaveLength(2)
    expect(new Set(tokens).size).toBe(2)
    expect(server.requests[1]?.headers.authorization).toContain('x-amz-security-token')
  })

  it('uses the endpoint that the environment sets for SDK clients', async () => {
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = `${server.endpoint}/behind/a/path`
    server.script(() => answers({}))
    await dynamoCall(made())('GetItem', KEY)
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['in its region', {}, 'dynamodb.eu-central-1.amazonaws.com'],
    ['by FIPS', { useFipsEndpoint: true }, 'dynamodb-fips.eu-central-1.amazonaws.com'],
    ['by IPv6, too', { useDualstackEndpoint: true }, 'dynamodb.eu-central-1.api.aws'],
  ])('calls the service %s', async (_name, config, hostname) => {
    const sent: { hostname: string; protocol: string }[] = []
    const handle = async (request: (typeof sent)[number]) => {
      sent.push(request)
      throw new Error('sent')
    }
    await expect(dynamoCall(made({ ...config, requestHandler: { handle } }))('GetItem', KEY)).rejects.toThrow(
      'sent',
    )
    expect(sent).toMatchObject([{ protocol: 'https:', hostname, headers: { host: hostname } }])
  })

  it('throws a refusal with its name', async () => {
    server.script(() => refuses('ResourceNotFoundException'))
    await expect(calls()('GetItem', KEY)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'told so',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('corrects a wrong clock from the response for all requests that used it', async () => {
    server.script(({ headers }) => {
      const date = String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')
      return Math.abs(Date.parse(date) - Date.now()) > 300_000
        ? refuses('InvalidSignatureException')
        : answers({})
    })
    const call = calls({ systemClockOffset: 3_600_000 })
    const refused = await Promise.allSettled([call('GetItem', KEY), call('GetItem', KEY)])
    const skewed = { status: 'rejected', reason: { name: 'RequestTimeTooSkewed', message: 'told so' } }
    expect(refused).toMatchObject([skewed, skewed])
    await expect(call('GetItem', KEY)).resolves.toStrictEqual({})
  })

  it('does not retry a wrong signature when the clock is right', async () => {
    server.script(() => refuses('InvalidSignatureException'))
    await expect(calls()('GetItem', KEY)).rejects.toMatchObject({ name: 'InvalidSignatureException' })
  })
})
