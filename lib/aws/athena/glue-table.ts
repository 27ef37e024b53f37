import { EntityNotFoundException, GetTableCommand, type GlueClient, type Table } from '@aws-sdk/client-glue'
import { type Retry, retried } from '../retry.ts'

export interface GlueTableProps {
  readonly glue: GlueClient
  readonly retry: Retry
  readonly database: string
}

/** Gets a table or view from Glue; null if it does not exist. */
export async function glueTable(
  { glue, retry, database }: GlueTableProps,
  name: string,
): Promise<Table | null> {
  const command = new GetTableCommand({ DatabaseName: database, Name: name })
  try {
    const { Table } = await retried(retry, () => glue.send(command))
    return Table ?? null
  } catch (error) {
    if (error instanceof EntityNotFoundException) return null
    throw error
  }
}
