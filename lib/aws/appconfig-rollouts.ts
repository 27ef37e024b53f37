/**
 * The book of rollouts in AppConfig: a hosted configuration, whose deployments go out by a strategy and come back by
 * alarms. People write by the control API; functions read by the data API, which answers only with what has changed.
 */
import {
  type AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  type DeploymentSummary,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  ListDeploymentsCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig'
import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata'
import { EMPTY_BOOK, type RolloutBook, RolloutBookSchema } from '../online/rollout.ts'
import type { RolloutBooks } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { type RetryOptions, retried, retry } from './retry.ts'

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

function parsedBook(bytes: Uint8Array | undefined): RolloutBook {
  const text = new TextDecoder().decode(bytes)
  if (text === '') return EMPTY_BOOK
  const parsed = RolloutBookSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new StoreError(
    'store-damaged',
    'the configuration in AppConfig is no book of rollouts; stop its deployment there: the one before it then stands again',
  )
}

/** Reads the book that stands now. A session's token is good for one call, and its answer is empty if nothing is new. */
export function appConfigReader(props: AppConfigReaderProps): Pick<RolloutBooks, 'read'> {
  const { data, applicationId, environmentId, profileId } = props
  const again = retry(props.retry)
  let token: string | undefined
  let known: RolloutBook = EMPTY_BOOK
  const begin = async (): Promise<string | undefined> => {
    const command = new StartConfigurationSessionCommand({
      ApplicationIdentifier: applicationId,
      EnvironmentIdentifier: environmentId,
      ConfigurationProfileIdentifier: profileId,
      RequiredMinimumPollIntervalInSeconds: 15,
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
      if (Configuration !== undefined && Configuration.length > 0) known = parsedBook(Configuration)
      return known
    },
  }
}

export interface AppConfigRolloutsProps extends RolloutPlace {
  readonly control: AppConfigClient
  /** How a new book goes out. */
  readonly strategyId: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Reads and writes the book. A deployment that is under way is stopped: the newest word stands, and stands at once. */
export function appConfigRollouts(props: AppConfigRolloutsProps): RolloutBooks {
  const { control, applicationId, environmentId, profileId, strategyId } = props
  const again = retry(props.retry)
  const place = { ApplicationId: applicationId, EnvironmentId: environmentId }
  /** The newest first. */
  const deployments = async (): Promise<readonly DeploymentSummary[]> => {
    const list = new ListDeploymentsCommand({ ...place, MaxResults: 20 })
    return (await retried(again, () => control.send(list))).Items ?? []
  }
  const stopUnderWay = async (): Promise<void> => {
    const [newest] = await deployments()
    if (newest?.DeploymentNumber === undefined || !UNDER_WAY.has(String(newest.State))) return
    const stop = new StopDeploymentCommand({ ...place, DeploymentNumber: newest.DeploymentNumber })
    await retried(again, () => control.send(stop))
  }
  return {
    // What was written last, though servers may not have heard of it yet: the next change rests on it.
    read: async () => {
      const standing = (await deployments()).find(({ State }) => !TAKEN_BACK.has(String(State)))
      if (standing === undefined) return EMPTY_BOOK
      const get = new GetHostedConfigurationVersionCommand({
        ApplicationId: applicationId,
        ConfigurationProfileId: profileId,
        VersionNumber: Number(standing.ConfigurationVersion),
      })
      return parsedBook((await retried(again, () => control.send(get))).Content)
    },
    write: async book => {
      const hosted = new CreateHostedConfigurationVersionCommand({
        ApplicationId: applicationId,
        ConfigurationProfileId: profileId,
        ContentType: 'application/json',
        Content: new TextEncoder().encode(JSON.stringify(book)),
      })
      const { VersionNumber } = await retried(again, () => control.send(hosted))
      await stopUnderWay()
      const start = new StartDeploymentCommand({
        ...place,
        ConfigurationProfileId: profileId,
        ConfigurationVersion: String(VersionNumber),
        DeploymentStrategyId: strategyId,
      })
      const { DeploymentNumber } = await retried(again, () => control.send(start))
      const get = new GetDeploymentCommand({ ...place, DeploymentNumber: Number(DeploymentNumber) })
      const { State } = await retried(again, () => control.send(get))
      if (State === 'ROLLED_BACK')
        throw new StoreError(
          'store-in-use',
          'AppConfig has taken the change back at once: an alarm of the serving API is on; see to it, then try again',
        )
    },
  }
}

const TAKEN_BACK = new Set(['ROLLED_BACK', 'ROLLING_BACK', 'REVERTED'])
const UNDER_WAY = new Set(['DEPLOYING', 'BAKING', 'VALIDATING'])
