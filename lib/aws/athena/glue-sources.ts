/** Table sources: in the Glue catalogue, or in another catalogue that Athena can query. */
import { EntityNotFoundException, GetTableCommand, type GlueClient } from '@aws-sdk/client-glue'
import type { StoredSource } from '../../plan/plan.ts'
import type { OpenSource, SourceReader } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'

export interface GlueSourcesProps {
  readonly glue: GlueClient
  /** The catalogue that `glue` reads. Tables of other catalogues are not checked. @default 'AwsDataCatalog' */
  readonly catalog?: string
}

export const glueSources = ({ glue, catalog = 'AwsDataCatalog' }: GlueSourcesProps): SourceReader => ({
  reads: ({ kind }) => kind === 'table',
  open: source => open(glue, catalog, source),
})

async function open(glue: GlueClient, own: string, source: StoredSource): Promise<OpenSource> {
  if (source.kind === 'file')
    throw new StoreError(
      'source-missing',
      `source '${source.name}' is a file, ${source.path}; Athena reads tables: declare it as a tableSource`,
    )
  const { catalog, database, table } = source
  const relation = [catalog, database, table].map(quote).join('.')
  if (catalog !== own) return { relation, fingerprint: null }
  const command = new GetTableCommand({ DatabaseName: database, Name: table })
  const { Table } = await glue.send(command).catch((cause: unknown) => {
    if (!(cause instanceof EntityNotFoundException)) throw cause
    const sentence = `source '${source.name}': there is no table ${table} in database ${database}; make it, or correct the source`
    throw new StoreError('source-missing', sentence, { cause })
  })
  // Each state of an Iceberg table has its own metadata file. Other tables have no fingerprint.
  const metadata = Table?.Parameters?.['metadata_location']
  return { relation, fingerprint: metadata ?? null }
}
