/**
 * DynamoDB in this process: dynalite, which speaks the wire protocol, in memory and on loopback. Tests of the AWS
 * adapters use it.
 */
import type { Server } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

export interface EmbeddedDynamoDb {
  /** Such as `http://127.0.0.1:4567`. */
  readonly endpoint: string
  /** A new client of this server; the caller destroys it. */
  readonly client: () => DynamoDBClient
  /** Answers open requests, then stops the server. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, HOST, resolve)
  await promise
  server.off('error', reject)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the embedded DynamoDB has no port')
  return address.port
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.close(error => (error === undefined || error === null ? resolve() : reject(error)))
  server.closeIdleConnections()
  await promise
}

export async function startEmbeddedDynamoDb(): Promise<EmbeddedDynamoDb> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const endpoint = `http://${HOST}:${await listen(server)}`
  return { endpoint, client: () => clientOf(endpoint), close: () => closed(server) }
}
