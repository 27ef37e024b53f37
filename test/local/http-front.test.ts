import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type HttpFront, type ProxyHandler, startHttpFront } from '../../lib/local/http-front.ts'
import type { Authorizer } from '../../lib/local/iam-authorizer.ts'
import { SignatureError } from '../../lib/local/request-signature.ts'

describe('the HTTP front', () => {
  let front: HttpFront
  const start = async (handler: ProxyHandler, maxBodyBytes = 1_000, authorizer?: Authorizer) => {
    front = await startHttpFront({ handler, maxBodyBytes, ...(authorizer && { authorizer }) })
    return front.url
  }
  /** Answers with the event that it got. */
  const echo: ProxyHandler = async event => ({ statusCode: 200, body: JSON.stringify(event) })
  afterEach(() => front.close())

  const json = { 'content-type': 'application/json' }

  it('makes a proxy event of a request', async () => {
    const url = await start(echo)
    const answer = await fetch(`${url}/a/b?c=d&e=`, {
      method: 'POST',
      headers: { ...json, 'X-Who': 'me' },
      body: '{"é":1}',
    })
    expect(await answer.json()).toMatchObject({
      version: '2.0',
      rawPath: '/a/b',
      rawQueryString: 'c=d&e=',
      headers: { 'x-who': 'me' },
      requestContext: { http: { method: 'POST', path: '/a/b', sourceIp: '127.0.0.1' } },
      body: '{"é":1}',
      isBase64Encoded: false,
    })
  })

  it('gives a body that does not call itself text in base64, as API Gateway does', async () => {
    const url = await start(echo)
    const answer = await fetch(url, { method: 'POST', body: new Uint8Array([255, 0]) })
    expect(await answer.json()).toMatchObject({ body: '/wA=', isBase64Encoded: true })
  })

  it('gives no body where there is none', async () => {
    expect(await (await fetch(await start(echo))).json()).not.toHaveProperty('body')
  })

  it('makes a response of the answer', async () => {
    const url = await start(async () => ({
      statusCode: 418,
      headers: { 'x-kind': 'tea', 'x-count': 2 },
      body: 'é',
    }))
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('x-kind'), answer.headers.get('x-count')]).toStrictEqual([
      418,
      'tea',
      '2',
    ])
    expect(await answer.text()).toBe('é')
  })

  it('gives each request an id of its own, and a deadline', async () => {
    const url = await start(async (_event, { awsRequestId, getRemainingTimeInMillis }) => ({
      body: JSON.stringify([awsRequestId, getRemainingTimeInMillis() > 1_000]),
    }))
    const answers = await Promise.all([fetch(url), fetch(url)])
    const [one, two] = await Promise.all(answers.map(answer => answer.text()))
    expect(one).toMatch(/^\["[0-9a-f-]{36}",true\]$/)
    expect(two).not.toBe(one)
  })

  it('begins a trace, or goes on with the one that it is given', async () => {
    const url = await start(echo)
    const trace = async (headers: Record<string, string>) =>
      ((await (await fetch(url, { headers })).json()) as { headers: Record<string, string> }).headers[
        'x-amzn-trace-id'
      ]
    expect(await trace({})).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    expect(await trace({ 'x-amzn-trace-id': 'Root=1-2-3' })).toBe('Root=1-2-3')
  })

  it('asks the authorizer about the bytes that were sent, and puts its word into the event', async () => {
    const asked: unknown[] = []
    const caller = { iam: { userArn: 'arn:aws:iam::123456789012:user/a' } } as ReturnType<Authorizer>
    const url = await start(echo, 1_000, request => {
      asked.push(request)
      return request.headers['x-who'] === undefined ? undefined : caller
    })
    const known = await fetch(`${url}/a?b=%20`, { method: 'POST', headers: { 'x-who': 'a' }, body: 'é' })
    expect(asked).toMatchObject([
      { method: 'POST', target: '/a?b=%20', headers: { 'x-who': 'a' }, body: Buffer.from('é') },
    ])
    expect(await known.json()).toMatchObject({ requestContext: { authorizer: caller } })
    expect(await (await fetch(url)).json()).not.toHaveProperty('requestContext.authorizer')
  })

  it('says 403 where the authorizer refuses, and does not call the handler', async () => {
    const url = await start(
      async () => ({ statusCode: 200 }),
      1_000,
      () => {
        throw new SignatureError('Signature not current')
      },
    )
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toStrictEqual([403, '{"message":"Signature not current"}'])
  })

  it('refuses a body that is too long, and lives', async () => {
    const url = await start(echo)
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(1_001) })).status).toBe(413)
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(1_000) })).status).toBe(200)
  })

  it('says no more than API Gateway does when the handler fails', async () => {
    const url = await start(async () => {
      throw new Error('secret')
    })
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toStrictEqual([500, '{"message":"Internal Server Error"}'])
  })

  it('takes a path that is no URL', async () => {
    await start(echo)
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    request({ port: front.port, host: '127.0.0.1', path: '//' }, answer =>
      resolve(answer.resume().statusCode),
    )
      .on('error', reject)
      .end()
    expect(await promise).toBe(200)
  })

  it('listens on loopback alone', async () => {
    await start(echo)
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter(one => one?.family === 'IPv4' && !one.internal)
    for (const { address } of outside.filter(one => one !== undefined)) {
      await expect(fetch(`http://${address}:${front.port}`)).rejects.toThrow()
    }
    expect(front.url).toBe(`http://127.0.0.1:${front.port}`)
  })
})
