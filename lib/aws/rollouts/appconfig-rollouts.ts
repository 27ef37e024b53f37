/**
 * The book of rollouts in AppConfig as people read and write it, by its control API: a hosted configuration, whose
 * deployments go out by a strategy and come back by alarms.
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
import { NO_ROLLOUTS } from '../../online/rollout/rollout.ts'
import type { RolloutConfigurationStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { type RetryOptions, retried, retry } from '../retry.ts'
import { parsedBook, type RolloutPlace } from './appconfig-reader.ts'

export interface AppConfigRolloutsProps extends RolloutPlace {
  readonly control: AppConfigClient
  /** How a new book goes out. */
  readonly strategyId: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** Reads and writes the book. A deployment that is under way is stopped: the newest word stands, and stands at once. */
export function appConfigRollouts(props: AppConfigRolloutsProps): RolloutConfigurationStore {
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
      if (standing === undefined) return NO_ROLLOUTS
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
