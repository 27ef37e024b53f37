/** Errors for an environment that cannot be reached, and the address of one that can. */
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { storeAddress } from '../../lib/aws/store-address.ts'

const ssm = new SSMClient({ region: 'local' })
const faulty = mockClient(ssm)
const ADDRESS = {
  format: 1,
  planHash: 'abc',
  region: 'eu-central-1',
  bucket: 'b',
  database: 'd',
  workGroup: 'w',
  table: 't',
  stateMachineArn: 'arn',
  apiUrl: 'https://api',
  streamName: 's',
  rollouts: { applicationId: 'a', environmentId: 'e', profileId: 'p', strategyId: 'x' },
}
const named = (name: string): Error => Object.assign(new Error('told so'), { name })

beforeEach(() => {
  faulty.reset()
})

describe('storeAddress', () => {
  it("returns the address that the deploy wrote to the environment's parameter", async () => {
    faulty
      .on(GetParameterCommand, { Name: '/quern/prod/store' })
      .resolves({ Parameter: { Value: JSON.stringify({ ...ADDRESS, daxEndpoint: null }) } })
    expect(await storeAddress(ssm, 'prod')).toEqual(ADDRESS)
  })

  it.each([
    [
      'is not deployed',
      new ParameterNotFound({ message: '', $metadata: {} }),
      "environment 'prod' is not deployed, or not to the end: there is no parameter /quern/prod/store; deploy it: npx cdk deploy --all -c env=prod",
    ],
    [
      'knows no credentials',
      named('CredentialsProviderError'),
      'no valid AWS credentials (CredentialsProviderError); sign in',
    ],
    [
      'knows expired ones',
      named('ExpiredTokenException'),
      'no valid AWS credentials (ExpiredTokenException)',
    ],
    [
      'lets others in',
      named('AccessDeniedException'),
      'may not read /quern/prod/store; they need ssm:GetParameter on it',
    ],
    ['does not answer', named('TimeoutError'), 'AWS did not answer: told so; check network and region'],
  ])('reports the environment as unreachable when it %s', async (_what, fault, message) => {
    faulty.on(GetParameterCommand).rejects(fault)
    await expect(storeAddress(ssm, 'prod')).rejects.toMatchObject({
      code: 'store-unreachable',
      message: expect.stringContaining(message),
    })
  })

  it('asks for a deploy when the parameter has another form', async () => {
    faulty
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: JSON.stringify({ ...ADDRESS, format: 2 }) } })
    await expect(storeAddress(ssm, 'prod')).rejects.toThrow(
      'not of the form that this quern reads; deploy the environment with it',
    )
  })
})
