/** Address of an environment's store. The deploy writes it to an SSM parameter, and the CLI reads it. */
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm'
import * as z from 'zod'
import { StoreError } from '../store-error.ts'
import type { StorePlace } from './store-place.ts'

const Address = z.object({
  format: z.literal(1),
  /** Hash of the deployed plan. */
  planHash: z.string(),
  region: z.string(),
  bucket: z.string(),
  database: z.string(),
  workGroup: z.string(),
  table: z.string(),
  stateMachineArn: z.string(),
  apiUrl: z.string(),
  streamName: z.string(),
  /** AppConfig's identifiers of the rollout configuration. */
  rollouts: z.object({
    applicationId: z.string(),
    environmentId: z.string(),
    profileId: z.string(),
    strategyId: z.string(),
  }),
})

export type StoreAddress = z.infer<typeof Address> & StorePlace

/** Name of the SSM parameter of an environment. */
export const addressParameter = (environment: string): string => `/quern/${environment}/store`

/** @throws {StoreError} `store-unreachable` if the environment is not deployed, or the parameter may not be read */
export async function storeAddress(ssm: SSMClient, environment: string): Promise<StoreAddress> {
  const name = addressParameter(environment)
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name })).catch((cause: unknown) => {
    throw unreachable(environment, name, cause)
  })
  const parsed = Address.safeParse(JSON.parse(Parameter?.Value ?? 'null'))
  if (parsed.success) return parsed.data
  throw new StoreError(
    'store-unreachable',
    `environment '${environment}': parameter ${name} is not of the form that this quern reads; deploy the environment with it: npx cdk deploy --all -c env=${environment}`,
  )
}

function unreachable(environment: string, parameter: string, cause: unknown): StoreError {
  const what = `environment '${environment}'`
  const says = (text: string): StoreError => new StoreError('store-unreachable', text, { cause })
  if (cause instanceof ParameterNotFound)
    return says(
      `${what} is not deployed, or not to the end: there is no parameter ${parameter}; deploy it: npx cdk deploy --all -c env=${environment}`,
    )
  const name = cause instanceof Error ? cause.name : ''
  if (/Credentials|ExpiredToken|UnrecognizedClient|InvalidSignature/.test(name))
    return says(
      `${what}: there are no valid AWS credentials (${name}); sign in, or set AWS_PROFILE, and try again`,
    )
  if (/AccessDenied/.test(name))
    return says(`${what}: these credentials may not read ${parameter}; they need ssm:GetParameter on it`)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return says(`${what}: AWS did not answer: ${reason}; check network and region, then try again`)
}
