/** `quern start --dynamodb`: the online store of this machine for programs that speak DynamoDB's protocol. */

import { hasCode } from '../../local/files/error-code.ts'
import { localCredentials } from '../../local/http/local-credentials.ts'
import { openDynamoDbDoor } from '../../local/online/dynamodb-door.ts'
import { TABLE } from '../../local/online/dynamodb-operations.ts'
import { StoreError } from '../../store-error.ts'
import { say } from '../print/print.ts'
import type { OnlineLocalStore } from './local-store.ts'

const READER = 'dynamodb'

/** What DynamoDB's own local server takes. */
const DEFAULT_PORT = 8_000

/** @param port true: the default one; undefined: no door is opened */
export async function dynamoDbDoor(
  { online, objects }: OnlineLocalStore,
  port: number | true | undefined,
): Promise<AsyncDisposable | undefined> {
  if (port === undefined) return undefined
  const path = objects.path('dynamodb-credentials.json')
  const credentials = (await localCredentials(path, [READER])).consumers[READER]
  if (credentials === undefined) throw new TypeError('credentials that were just made are missing')
  const at = port === true ? DEFAULT_PORT : port
  const door = await openDynamoDbDoor({ store: online, credentials, port: at }).catch((error: unknown) => {
    if (!hasCode(error, 'EADDRINUSE')) throw error
    throw new StoreError('store-in-use', `port ${at} is taken; choose another with --dynamodb <port>`)
  })
  say(`  ✓ DynamoDB's protocol, for reading  ${door.url}, table ${TABLE}; credentials in ${path}`)
  return { [Symbol.asyncDispose]: door.close }
}
