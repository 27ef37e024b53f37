/**
 * Responses of the real Glue that the conformance lane's Glue does not give: a mocked client. test/conformance tests
 * the semantics.
 */
import { AthenaClient } from '@aws-sdk/client-athena'
import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue'
import { S3Client } from '@aws-sdk/client-s3'
import { expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { athenaEngine } from '../../lib/aws/athena/athena-engine.ts'
import { icebergOfflineStore } from '../../lib/aws/athena/iceberg-offline-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { hiveType, icebergColumns } from '../../lib/offline/iceberg.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { weather } from '../compiler/example.ts'

it('icebergOfflineStore names a dropped feature column and does not add it again without its values', async () => {
  const view = viewOf(compile([weather]), 'weather@1')
  const glue = new GlueClient({ region: 'local' })
  const s3 = new S3Client({ region: 'local' })
  const athena = new AthenaClient({ region: 'local' })
  const engine = athenaEngine({
    athena,
    s3,
    workGroup: 'q',
    database: 'features',
    scratchLocation: 's3://b/s',
  })
  const store = icebergOfflineStore({ engine, glue, s3, database: 'features', location: 's3://b/offline' })
  const Columns = icebergColumns(view).map(({ name, type }) => ({
    Name: name,
    Type: hiveType(type),
    Parameters: { 'iceberg.field.current': String(name !== 'temp') },
  }))
  mockClient(glue)
    .on(GetTableCommand)
    .resolves({
      Table: { Name: 'weather_v1', Parameters: { table_type: 'ICEBERG' }, StorageDescriptor: { Columns } },
    })
  for (const asked of [store.table(view), store.prepare(view)])
    await expect(asked).rejects.toMatchObject({
      code: 'table-changed',
      message: expect.stringContaining('table weather_v1 in database features has lost its column temp'),
    })
})
