/**
 * Reads and writes the rollout configuration through AppConfig's control API. It is a hosted configuration. A
 * deployment strategy rolls it out, and alarms roll it back.
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
  /** The deployment strategy of a new configuration. */
  readonly strategyId: string
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/**
 * Creates the store of the rollout configuration. A write stops a deployment in progress, so that the newest
 * configuration takes effect.
 */
export function appConfigRollouts(props: AppConfigRolloutsProps): RolloutConfigurationStore {
  const { control, applicationId, environmentId, profileId, strategyId } = props
  const again = retry(props.retry)
  const place = { ApplicationId: applicationId, EnvironmentId: environmentId }
  /** The newest first. */
  const deployments = async (): Promise<readonly DeploymentSummary[]> => {
    const list = new ListDeploymentsCommand({ ...place, MaxResults: 20 })
    return (await retried(again, () => control.send(list))).Items ?? []
  }
  const stopDeploymentInProgress = async (): Promise<void> => {
    const [newest] = await deployments()
    if (newest?.DeploymentNumber === undefined || !IN_PROGRESS_STATES.has(String(newest.State))) return
    const stop = new StopDeploymentCommand({ ...place, DeploymentNumber: newest.DeploymentNumber })
    await retried(again, () => control.send(stop))
  }
  return {
    // Returns the configuration that was deployed last, even if servers have not read it yet: the next change builds
    // on it.
    read: async () => {
      const current = (await deployments()).find(({ State }) => !ROLLED_BACK_STATES.has(String(State)))
      if (current === undefined) return NO_ROLLOUTS
      const get = new GetHostedConfigurationVersionCommand({
        ApplicationId: applicationId,
        ConfigurationProfileId: profileId,
        VersionNumber: Number(current.ConfigurationVersion),
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
      await stopDeploymentInProgress()
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

const ROLLED_BACK_STATES = new Set(['ROLLED_BACK', 'ROLLING_BACK', 'REVERTED'])
const IN_PROGRESS_STATES = new Set(['DEPLOYING', 'BAKING', 'VALIDATING'])
