/** Creates the online table on an embedded server. On AWS the stack creates it, with the same keys. */

import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'

const POLL_MS = 20

async function isActive(client: DynamoDBClient, table: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
  return Table?.TableStatus === 'ACTIVE'
}

/** Creates the table if it does not exist, and waits until it is active. */
export async function createOnlineTable(client: DynamoDBClient, table: string): Promise<void> {
  const key = (name: string, type: 'HASH' | 'RANGE') => ({ AttributeName: name, KeyType: type })
  const command = new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: ['pk', 'sk'].map(name => ({ AttributeName: name, AttributeType: 'S' })),
  })
  await client.send(command).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error
  })
  while (!(await isActive(client, table))) await sleep(POLL_MS)
}
