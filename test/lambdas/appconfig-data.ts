/** AppConfig's data API over HTTP, as far as functions call it, with the faults that a test asks for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What it does with a call for the configuration. */
export type AppConfigFault = 'hang' | 'throttle' | 'fail' | 'cut' | null

export interface AppConfigData {
  readonly url: string
  /** What stands there, as text; told again to each new session, and to others where it changed. */
  configuration: string
  fault: AppConfigFault
  /** Calls so far. */
  calls: number
  readonly close: () => Promise<void>
}

const json = { 'content-type': 'application/json' }

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { ...json, 'x-amzn-errortype': type }).end(JSON.stringify({ message: type }))
}

export async function startAppConfigData(): Promise<AppConfigData> {
  const told = new Map<string, string>()
  let tokens = 0
  const next = (text: string): string => {
    const token = `token-${++tokens}`
    told.set(token, text)
    return token
  }
  const configuration = (request: IncomingMessage, response: ServerResponse): void => {
    const token = new URL(request.url ?? '/', 'http://local').searchParams.get('configuration_token') ?? ''
    if (!told.has(token)) {
      refuse(response, 400, 'BadRequestException')
      return
    }
    const { configuration: text } = state
    const body = told.get(token) === text ? '' : text
    told.delete(token)
    const headers = { 'next-poll-configuration-token': next(text), 'next-poll-interval-in-seconds': '15' }
    response.writeHead(200, { ...headers, 'content-type': 'application/json' })
    if (state.fault === 'cut' && body !== '') response.write(body.slice(0, body.length / 2))
    else response.end(body)
    if (state.fault === 'cut') response.destroy()
  }
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      state.calls++
      if (state.fault === 'hang') return
      if (state.fault === 'throttle') refuse(response, 429, 'ThrottlingException')
      else if (state.fault === 'fail') refuse(response, 500, 'InternalServerException')
      else if (request.method === 'GET') configuration(request, response)
      else response.writeHead(201, json).end(JSON.stringify({ InitialConfigurationToken: next('\0') }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const state: AppConfigData = {
    url: `http://127.0.0.1:${port}`,
    configuration: '',
    fault: null,
    calls: 0,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
  return state
}
