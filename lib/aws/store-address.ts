/** Where an environment's store is, as its deploy has left it in a parameter: all that the command line must know. */
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm'
import * as z from 'zod'
import { StoreError } from '../store-error.ts'
import type { StorePlace } from './store-place.ts'

const Address = z.object({
  format: z.literal(1),
  /** Of the plan that is deployed. */
  planHash: z.string(),
  region: z.string(),
  bucket: z.string(),
  database: z.string(),
  workGroup: z.string(),
  table: z.string(),
  stateMachineArn: z.string(),
  apiUrl: z.string(),
  streamName: z.string(),
  /** AppConfig's identifiers of the book of rollouts. */
  rollouts: z.object({
    applicationId: z.string(),
    environmentId: z.string(),
    profileId: z.string(),
    strategyId: z.string(),
  }),
})

export type StoreAddress = z.infer<typeof Address> & StorePlace

/** The name of an environment's parameter. */
export const addressParameter = (environment: string): string => `/quern/${environment}/store`

/** @throws {StoreError} `store-unreachable` if it is not deployed, or may not be read */
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
