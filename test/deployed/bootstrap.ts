/** Before all tests: what an account needs once, before anything is deployed to it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import { cdkDone } from './cdk.ts'
import { ACCOUNT, REGION } from './lane.ts'

/** What jest calls. */
export default async function bootstrap(): Promise<void> {
  // It synthesizes the app, and wants a folder for that.
  const assembly = await mkdtemp(join(tmpdir(), 'quern-bootstrap-'))
  await cdkDone('bootstrap', `aws://${ACCOUNT}/${REGION}`, '--output', assembly)
  await rm(assembly, { recursive: true })
  // It takes TLS only, which the lane does not speak.
  const s3 = new S3Client({ region: REGION })
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}` }))
  s3.destroy()
}
