/** The rollout configuration in AppConfig, on mocked clients, because no emulator here offers AppConfig. */
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  ListDeploymentsCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig'
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde'
import { mockClient } from 'aws-sdk-client-mock'
import { appConfigReader, PAUSE_MS } from '../../../lib/aws/rollouts/appconfig-reader.ts'
import { appConfigRollouts } from '../../../lib/aws/rollouts/appconfig-rollouts.ts'
import { NO_ROLLOUTS, type RolloutConfiguration } from '../../../lib/online/rollout/rollout.ts'

const control = new AppConfigClient({ region: 'local' })
const data = new AppConfigDataClient({ region: 'local' })
const [written, read] = [mockClient(control), mockClient(data)]
const props = {
  control,
  data,
  applicationId: 'app',
  environmentId: 'env',
  profileId: 'book',
  strategyId: 'at-once',
  retry: { attempts: 3, baseMs: 1, capMs: 1 },
}
const BOOK: RolloutConfiguration = {
  format: 1,
  rollouts: {
    s: {
      format: 1,
      service: 's',
      started: '2026-01-01T00:00:00Z',
      variants: [{ name: 'stable', plan: 'a'.repeat(64), percent: 100 }],
      shadow: null,
      previous: null,
    },
  },
}
const bytes = (text: string) => Uint8ArrayBlobAdapter.fromString(text)

beforeEach(() => {
  written.reset()
  read.reset()
  read.on(StartConfigurationSessionCommand).resolves({ InitialConfigurationToken: 't0' })
})

describe('appConfigReader', () => {
  it('returns the last configuration when nothing is new, and uses each token once', async () => {
    read
      .on(GetLatestConfigurationCommand)
      .resolvesOnce({ Configuration: bytes(JSON.stringify(BOOK)), NextPollConfigurationToken: 't1' })
      .resolves({ Configuration: bytes(''), NextPollConfigurationToken: 't2' })
    const { read: next } = appConfigReader(props)
    expect([await next(), await next()]).toEqual([BOOK, BOOK])
    const tokens = read
      .commandCalls(GetLatestConfigurationCommand)
      .map(call => call.args[0].input.ConfigurationToken)
    expect(tokens).toEqual(['t0', 't1'])
    // The session refuses a call before its poll interval ends.
    const [session] = read.commandCalls(StartConfigurationSessionCommand)
    const seconds = session?.args[0].input.RequiredMinimumPollIntervalInSeconds ?? 0
    expect(PAUSE_MS).toBeGreaterThan(seconds * 1_000)
  })

  it('starts a new session after a failed call, because its token is used up', async () => {
    read
      .on(GetLatestConfigurationCommand)
      .rejectsOnce(new Error('expired'))
      .resolves({ Configuration: bytes(''), NextPollConfigurationToken: 't1' })
    const { read: next } = appConfigReader(props)
    await expect(next()).rejects.toThrow('expired')
    expect(await next()).toEqual(NO_ROLLOUTS)
    expect(read.commandCalls(StartConfigurationSessionCommand)).toHaveLength(2)
  })

  it('refuses an invalid configuration by name', async () => {
    read.on(GetLatestConfigurationCommand).resolves({ Configuration: bytes('{"format":2}') })
    await expect(appConfigReader(props).read()).rejects.toMatchObject({ code: 'store-damaged' })
  })
})

describe('appConfigRollouts.read', () => {
  it('returns the last deployed configuration that was not rolled back', async () => {
    written.on(ListDeploymentsCommand).resolves({
      Items: [
        { DeploymentNumber: 9, State: 'ROLLED_BACK', ConfigurationVersion: '9' },
        { DeploymentNumber: 8, State: 'BAKING', ConfigurationVersion: '8' },
        { DeploymentNumber: 7, State: 'COMPLETE', ConfigurationVersion: '7' },
      ],
    })
    written
      .on(GetHostedConfigurationVersionCommand, { VersionNumber: 8 })
      .resolves({ Content: bytes(JSON.stringify(BOOK)) })
    expect(await appConfigRollouts(props).read()).toEqual(BOOK)
    written.on(ListDeploymentsCommand).resolves({ Items: [] })
    expect(await appConfigRollouts(props).read()).toEqual(NO_ROLLOUTS)
  })
})

describe('appConfigRollouts.write', () => {
  const deployed = (State: 'DEPLOYING' | 'COMPLETE' | 'ROLLED_BACK', before?: 'BAKING' | 'COMPLETE') => {
    written.on(CreateHostedConfigurationVersionCommand).resolves({ VersionNumber: 7 })
    written
      .on(ListDeploymentsCommand)
      .resolves({ Items: before === undefined ? [] : [{ DeploymentNumber: 3, State: before }] })
    written.on(StopDeploymentCommand).resolves({})
    written.on(StartDeploymentCommand).resolves({ DeploymentNumber: 4 })
    written.on(GetDeploymentCommand).resolves({ State })
    return appConfigRollouts(props).write(BOOK)
  }

  it('creates a hosted version and deploys it by the strategy', async () => {
    await deployed('DEPLOYING', 'COMPLETE')
    const [hosted] = written.commandCalls(CreateHostedConfigurationVersionCommand)
    expect(JSON.parse(Buffer.from(hosted?.args[0].input.Content as Uint8Array).toString())).toEqual(BOOK)
    expect(written.commandCalls(StartDeploymentCommand)[0]?.args[0].input).toMatchObject({
      ApplicationId: 'app',
      EnvironmentId: 'env',
      ConfigurationProfileId: 'book',
      ConfigurationVersion: '7',
      DeploymentStrategyId: 'at-once',
    })
    expect(written.commandCalls(StopDeploymentCommand)).toHaveLength(0)
  })

  it('stops a deployment in progress', async () => {
    await deployed('DEPLOYING', 'BAKING')
    expect(written.commandCalls(StopDeploymentCommand)[0]?.args[0].input).toMatchObject({
      DeploymentNumber: 3,
    })
  })

  it('reports a deployment that an alarm rolls back at once', async () => {
    await expect(deployed('ROLLED_BACK')).rejects.toThrow(
      'AppConfig has taken the change back at once: an alarm',
    )
  })
})
