/**
 * The book of rollouts as functions read it, by AppConfig's data API: a session's token is good for one call, and the
 * answer is empty if nothing is new.
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

/** AppConfig allows no less, and refuses whoever asks sooner. */
const LEAST_PAUSE_SECONDS = 15

/** Between two reads of one session, in milliseconds. */
export const PAUSE_MS = (LEAST_PAUSE_SECONDS + 1) * 1_000

/** AppConfig's identifiers of the book. */
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
 * Reads the book that stands now. One that cannot be read is refused until another stands: AppConfig says that nothing
 * is new, and what is not new is still wrong.
 */
export function appConfigReader(props: AppConfigReaderProps): Pick<RolloutConfigurationStore, 'read'> {
  const { data, applicationId, environmentId, profileId } = props
  const again = retry(props.retry)
  let token: string | undefined
  let known: () => RolloutConfiguration = () => NO_ROLLOUTS
  const begin = async (): Promise<string | undefined> => {
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
      const ConfigurationToken = token ?? (await begin())
      token = undefined
      const command = new GetLatestConfigurationCommand({ ConfigurationToken })
      const { Configuration, NextPollConfigurationToken } = await data.send(command)
      token = NextPollConfigurationToken
      // Where nothing is new the SDK gives null, whatever its type says.
      if (Configuration?.length) known = () => parsedBook(Configuration)
      return known()
    },
  }
}
