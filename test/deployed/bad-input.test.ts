/** Failures on the way to a deployed store: a clear message, an exit code, and no data loss. */
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Ended, type Project, quern } from '../cli/quern.ts'
import { cdk, deploy } from './cdk.ts'
import { ACCOUNT, REGION } from './lane.ts'
import { shops } from './shops.ts'

const s3 = new S3Client({ region: REGION })

/** A stack that is protected against deletion and failed at first is to be removed by hand: docs/aws.md. */
const PLACE = { environment: 'clash', props: `, removal: 'destroy'` }

let project: Project
beforeAll(async () => {
  project = await shops(PLACE)
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  s3.destroy()
})

const redeploy = (...stacks: readonly string[]): Promise<string> => {
  const assembly = join(project.path, 'cdk.out')
  return deploy({ project: project.path, environment: 'clash', assembly, stacks })
}

const NOBODY = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }

const status = (variables = {}): Promise<Ended> =>
  quern(['status', '--project', project.path, '--env', 'clash'], { variables })

it('the CLI names an unknown environment and lists the known ones', async () => {
  const { code, stderr } = await cdk(['synth', '-c', `project=${project.path}`, '-c', 'env=nowhere'])
  expect(code).toBe(1)
  expect(stderr).toContain("there is no environment 'nowhere': there are clash; name one with -c env=<name>")
})

it('the CLI and the CDK report missing credentials', async () => {
  const { code, stderr } = await status(NOBODY)
  expect({ code, stderr }).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('no valid AWS credentials'),
  })
  const said = await cdk(['deploy', '--all', '-c', `project=${project.path}`], { variables: NOBODY })
  expect(said.code).toBe(1)
  expect(said.stderr).toContain('Unable to resolve AWS account to use')
})

describe('a name that is already in use', () => {
  const Bucket = `quern-clash-${ACCOUNT}-${REGION}`
  const object = { Bucket, Key: 'theirs' }

  it('stops the deploy when it is a bucket, whose content stays', async () => {
    await s3.send(new CreateBucketCommand({ Bucket }))
    await s3.send(new PutObjectCommand({ ...object, Body: 'precious' }))
    await expect(redeploy()).rejects.toThrow('quern-clash-offline failed to deploy')
    const { Body } = await s3.send(new GetObjectCommand(object))
    expect(await Body?.transformToString()).toBe('precious')
    await s3.send(new DeleteObjectCommand(object))
    await s3.send(new DeleteBucketCommand({ Bucket }))
  })
})

it('a partly deployed store is reported and the next deploy completes it', async () => {
  await redeploy('quern-clash/offline', 'quern-clash/online')
  const { code, stderr } = await status()
  expect({ code, stderr }).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("environment 'clash' is not deployed, or not to the end"),
  })
  await redeploy()
  expect(await status()).toMatchObject({ code: 0 })
})
