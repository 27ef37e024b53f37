import { Agent, get, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type HttpFront, type ProxyHandler, startHttpFront } from '../../../lib/local/http/http-front.ts'
import type { Authorizer } from '../../../lib/local/http/iam-authorizer.ts'
import { SignatureError } from '../../../lib/local/http/request-signature.ts'

describe('the HTTP front', () => {
  let front: HttpFront
  const start = async (handler: ProxyHandler, maxBodyBytes = 1_000, authorizer?: Authorizer) => {
    front = await startHttpFront({ handler, maxBodyBytes, ...(authorizer && { authorizer }) })
    return front.url
  }
  const raw = (sent: string): Promise<string> => rawTo(front.port, sent)
  /** Responds with the event that it received. */
  const echo: ProxyHandler = async event => ({ statusCode: 200, body: JSON.stringify(event) })
  afterEach(() => front.close())

  const json = { 'content-type': 'application/json' }

  it('converts a request to a proxy event', async () => {
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

  it('encodes a body without a text content type in base64, as API Gateway does', async () => {
    const url = await start(echo)
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array([255, 0]) })
    expect(await answer.json()).toMatchObject({ body: '/wA=', isBase64Encoded: true })
  })

  it('gives an event without a body when the request has none', async () => {
    expect(await (await fetch(await start(echo))).json()).not.toHaveProperty('body')
  })

  it("converts the handler's result to a response", async () => {
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

  it('gives each request its own id and a deadline', async () => {
    const url = await start(async (_event, { awsRequestId, getRemainingTimeInMillis }) => ({
      body: JSON.stringify([awsRequestId, getRemainingTimeInMillis() > 1_000]),
    }))
    const answers = await Promise.all([fetch(url), fetch(url)])
    const [one, two] = await Promise.all(answers.map(answer => answer.text()))
    expect(one).toMatch(/^\["[0-9a-f-]{36}",true\]$/)
    expect(two).not.toBe(one)
  })

  it('starts a trace or continues the given one', async () => {
    const url = await start(echo)
    const trace = async (headers: Record<string, string>) =>
      ((await (await fetch(url, { headers })).json()) as { headers: Record<string, string> }).headers[
        'x-amzn-trace-id'
      ]
    expect(await trace({})).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    expect(await trace({ 'x-amzn-trace-id': 'Root=1-2-3' })).toBe('Root=1-2-3')
  })

  it('passes the exact bytes to the authorizer and adds its result to the event', async () => {
    const asked: unknown[] = []
    const caller = { iam: { userArn: 'arn:aws:iam::123456789012:user/a' } } as ReturnType<Authorizer>
    const url = await start(echo, 1_000, request => {
      asked.push(request)
      return request.headers['x-who'] === undefined ? undefined : caller
    })
    const known = await fetch(`${url}/a?b=%20`, {
      method: 'POST',
      headers: { ...json, 'x-who': 'a' },
      body: 'é',
    })
    expect(asked).toMatchObject([
      { method: 'POST', target: '/a?b=%20', headers: { 'x-who': 'a' }, body: Buffer.from('é') },
    ])
    expect(await known.json()).toMatchObject({ requestContext: { authorizer: caller } })
    expect(await (await fetch(url)).json()).not.toHaveProperty('requestContext.authorizer')
  })

  it('responds 403 when the authorizer refuses, without calling the handler', async () => {
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

  it('encodes invalid UTF-8 text in base64, so that no byte changes', async () => {
    const url = await start(echo)
    const answer = await fetch(url, { method: 'POST', headers: json, body: new Uint8Array([34, 255, 34]) })
    expect(await answer.json()).toMatchObject({ body: 'Iv8i', isBase64Encoded: true })
  })

  it('refuses a body that is too long and continues to serve', async () => {
    const url = await start(echo)
    const post = (length: number) => fetch(url, { method: 'POST', headers: json, body: 'x'.repeat(length) })
    expect((await post(1_001)).status).toBe(413)
    expect((await post(1_000)).status).toBe(200)
  })

  it('refuses a body as soon as it is too long and closes the connection', async () => {
    await start(echo)
    const head = 'POST / HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n'
    const text = await raw(`${head}Host: 127.0.0.1:${front.port}\r\n\r\n7d0\r\n${'x'.repeat(2_000)}\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toMatch(/connection: close/i)
  })

  it.each([
    ['head', 'POST / HTTP/1.1\r\nHost: '],
    [
      'body',
      'POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('responds 408 when the %s of a request never ends, and closes the connection', async (_, sent) => {
    front = await startHttpFront({ handler: echo, requestMs: 100 })
    expect(await raw(sent.replace('PORT', String(front.port)))).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('hides the error when the handler fails, as API Gateway does', async () => {
    const url = await start(async () => {
      throw new Error('secret')
    })
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toStrictEqual([500, '{"message":"Internal Server Error"}'])
  })

  it('accepts a path that is not a valid URL', async () => {
    await start(echo)
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    request({ port: front.port, host: '127.0.0.1', path: '//' }, answer =>
      resolve(answer.resume().statusCode),
    )
      .on('error', reject)
      .end()
    expect(await promise).toBe(200)
  })

  it('listens only on loopback', async () => {
    await start(echo)
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter(one => one?.family === 'IPv4' && !one.internal)
    for (const { address } of outside.filter(one => one !== undefined)) {
      await expect(fetch(`http://${address}:${front.port}`)).rejects.toThrow()
    }
    expect(front.url).toBe(`http://127.0.0.1:${front.port}`)
  })

  describe('accepts only requests of local programs', () => {
    const ask = (headers: Record<string, string>, method = 'GET', body = '') => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      const sent = { port: front.port, host: '127.0.0.1', method, headers, setHost: false }
      request(sent, answer => resolve(answer.resume()))
        .on('error', reject)
        .end(body)
      return promise
    }

    it.each([
      ['127.0.0.1:PORT', 200],
      ['localhost:PORT', 200],
      ['LocalHost:PORT', 200],
      ['[::1]:PORT', 200],
      ['attacker.example:PORT', 403],
      ['127.0.0.1.attacker.example:PORT', 403],
      ['localhost', 403],
      ['localhost:1', 403],
      ['0.0.0.0:PORT', 403],
      ['', 403],
    ])('responds to the Host %s with %d', async (host, status) => {
      await start(echo)
      expect((await ask({ host: host.replace('PORT', String(front.port)) })).statusCode).toBe(status)
    })

    it.each([
      ['http://localhost:PORT', 200],
      ['http://127.0.0.1:PORT', 200],
      ['http://localhost:3000', 403],
      ['https://localhost:PORT', 403],
      ['https://attacker.example', 403],
      ['null', 403],
      ['', 403],
    ])('responds to the Origin %s with %d', async (origin, status) => {
      await start(echo)
      const host = `127.0.0.1:${front.port}`
      const answer = await ask({ host, origin: origin.replace('PORT', String(front.port)) })
      expect(answer.statusCode).toBe(status)
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    })

    it.each([
      ['application/json', 200],
      ['application/json; charset=utf-8', 200],
      ['application/octet-stream', 200],
      ['text/plain', 415],
      ['text/plain; application/json', 415],
      ['TEXT/PLAIN;charset=UTF-8', 415],
      ['application/x-www-form-urlencoded', 415],
      ['multipart/form-data; boundary=x', 415],
      [undefined, 415],
    ])('responds to a POST with the Content-Type %s with %d', async (type, status) => {
      await start(echo)
      const host = `127.0.0.1:${front.port}`
      expect((await ask({ host, ...(type && { 'content-type': type }) }, 'POST', '{}')).statusCode).toBe(
        status,
      )
    })

    it('accepts a POST without a body for any Content-Type', async () => {
      await start(echo)
      expect((await ask({ host: `127.0.0.1:${front.port}` }, 'POST')).statusCode).toBe(200)
    })
  })
})

/** Sends raw bytes, and returns all bytes until the server closes the connection. */
async function rawTo(port: number, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(sent)
  return text(socket)
}

describe('closing the HTTP front', () => {
  it('ends while clients continue to send over kept connections, and every accepted request gets a response', async () => {
    const front = await startHttpFront({ handler: async () => ({ body: 'x'.repeat(100) }) })
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const seen = { answers: 0, cut: 0, closing: 0 }
    let isOpen = true
    const client = async (): Promise<void> => {
      while (isOpen) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const sent = get({ host: '127.0.0.1', port: front.port, agent }, answer => {
          if (answer.headers.connection === 'close') seen.closing++
          answer.resume().on('end', () => {
            seen.answers++
            resolve()
          })
        })
        sent.on('error', error => {
          // A new connection that fails was not accepted.
          if (sent.reusedSocket) seen.cut++
          else expect(String(error)).toMatch(/ECONNREFUSED|ECONNRESET|hang up/)
          isOpen = false
          resolve()
        })
        await promise
      }
    }
    const clients = Array.from({ length: 4 }, client)
    while (seen.answers < 200) await sleep(5)
    await front.close()
    isOpen = false
    await Promise.all(clients)
    agent.destroy()
    expect(seen.cut).toBe(0)
    expect(seen.closing).toBeGreaterThan(0)
  })

  it('cuts off requests that exceed the drain time', async () => {
    const front = await startHttpFront({ handler: () => new Promise(() => undefined), drainMs: 50 })
    const hung = fetch(front.url).catch(() => 'cut off')
    await sleep(20)
    await front.close()
    expect(await hung).toBe('cut off')
  })
})
