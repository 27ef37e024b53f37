/** The serving API over HTTP, as the CLI calls it: signed requests and error messages. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { askServingApi } from '../../../lib/aws/functions/serving-api.ts'

let server: Server
let url: string
let answer: readonly [number, string] = [200, '{}']
let asked: { path: string | undefined; headers: IncomingHttpHeaders; body: string } | undefined

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts = await Array.fromAsync(request)
    asked = { path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() }
    response.writeHead(answer[0]).end(answer[1])
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

const ask = (to = url) =>
  askServingApi(
    {
      url: to,
      region: 'eu-central-1',
      credentials: async () => ({ accessKeyId: 'AK', secretAccessKey: 's' }),
    },
    '/get-online-features',
    '{"é":1}',
  )

describe('askServingApi', () => {
  it('sends a signed body', async () => {
    answer = [200, '{"results":[]}']
    expect(await ask()).toBe('{"results":[]}')
    expect(asked).toMatchObject({ path: '/get-online-features', body: '{"é":1}' })
    expect(asked?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
  })

  it.each([
    [
      'a refusal of its own',
      403,
      '{"error":{"code":"not-granted","message":"shop lacks x"}}',
      'bad-argument',
      /answered 403: shop lacks x/,
    ],
    ["API Gateway's", 403, '{"message":"Forbidden"}', 'bad-argument', /answered 403: Forbidden/],
    ['a failure', 503, 'later', 'store-unreachable', /answered 503: later/],
  ])('reports %s', async (_what, status, body, code, message) => {
    answer = [status, body]
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('reports an unreachable API', async () => {
    await expect(ask('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'store-unreachable' })
  })
})
