/**
 * Reads the rollout configuration in functions, through AppConfig's data API. Each session token is valid for one
 * call. The response is empty if the configuration has not changed.
 */
import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata'
import {
  NO_ROLLOUTS,
  type RolloutConfiguration,
  RolloutConfigurationSchema,
} from '../../online/rollout/rollout.ts'
import type { RolloutConfigurationStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { type RetryOptions, retried, retry } from '../retry.ts'

/** AppConfig's minimum poll interval. It refuses earlier calls. */
const LEAST_PAUSE_SECONDS = 15

/** Interval between two reads of one session, in milliseconds. */
export const PAUSE_MS = (LEAST_PAUSE_SECONDS + 1) * 1_000

/** AppConfig's identifiers of the rollout configuration. */
export interface RolloutPlace {
  readonly applicationId: string
  readonly environmentId: string
  readonly profileId: string
}

export interface AppConfigReaderProps extends RolloutPlace {
  readonly data: AppConfigDataClient
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

export function parsedBook(bytes: Uint8Array | undefined): RolloutConfiguration {
  const text = new TextDecoder().decode(bytes)
  if (text === '') return NO_ROLLOUTS
  const parsed = RolloutConfigurationSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new StoreError(
    'store-damaged',
    'the configuration in AppConfig is no book of rollouts; stop its deployment there: the one before it then stands again',
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Reads the current rollout configuration.
 * An unreadable configuration fails on each read until a new one is deployed, because AppConfig returns it only once.
 */
export function appConfigReader(props: AppConfigReaderProps): Pick<RolloutConfigurationStore, 'read'> {
  const { data, applicationId, environmentId, profileId } = props
  const again = retry(props.retry)
  let token: string | undefined
  let current: () => RolloutConfiguration = () => NO_ROLLOUTS
  const startSession = async (): Promise<string | undefined> => {
    const command = new StartConfigurationSessionCommand({
      ApplicationIdentifier: applicationId,
      EnvironmentIdentifier: environmentId,
      ConfigurationProfileIdentifier: profileId,
      RequiredMinimumPollIntervalInSeconds: LEAST_PAUSE_SECONDS,
    })
    return (await retried(again, () => data.send(command))).InitialConfigurationToken
  }
  return {
    read: async () => {
      const ConfigurationToken = token ?? (await startSession())
      token = undefined
      const command = new GetLatestConfigurationCommand({ ConfigurationToken })
      const { Configuration, NextPollConfigurationToken } = await data.send(command)
      token = NextPollConfigurationToken
      // Despite its type, the SDK returns null if the configuration has not changed.
      if (Configuration?.length) current = () => parsedBook(Configuration)
      return current()
    },
  }
}
