/** The deployed workflow as the CLI sees it: faults and outcomes that no engine produces on request. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { stepFunctionsWorkflow } from '../../../lib/aws/functions/step-functions-workflow.ts'
import type { WorkflowEvent } from '../../../lib/runtime.ts'

const sfn = new SFNClient({ region: 'local' })
const faulty = mockClient(sfn)
const events: WorkflowEvent[] = []
const starts: string[] = []
const workflow = stepFunctionsWorkflow({
  sfn,
  stateMachineArn: 'arn:machine',
  onEvent: event => events.push(event),
  onStart: arn => starts.push(arn),
  pauseMs: 1,
  retry: { attempts: 3, baseMs: 1, capMs: 1 },
})
const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' })
const run = () => workflow.run({}, { views: ['a@1'] })

beforeEach(() => {
  faulty.reset()
  events.length = 0
  starts.length = 0
  faulty.on(StartExecutionCommand).resolves({ executionArn: 'arn:run' })
  faulty.on(GetExecutionHistoryCommand).resolves({ events: [] })
})

describe('a run of the deployed workflow', () => {
  it('is started once under one name when its start is throttled, and returns its output', async () => {
    faulty
      .on(StartExecutionCommand)
      .rejectsOnce(throttled)
      .rejectsOnce(throttled)
      .resolves({ executionArn: 'arn:run' })
    faulty
      .on(DescribeExecutionCommand)
      .resolvesOnce({ status: 'RUNNING' })
      .resolves({ status: 'SUCCEEDED', output: '{"failed":0}' })
    expect(await run()).toEqual({ failed: 0 })
    const calls = faulty.commandCalls(StartExecutionCommand).map(call => call.args[0].input)
    expect(new Set(calls.map(({ name }) => name)).size).toBe(1)
    expect(calls[0]).toMatchObject({ stateMachineArn: 'arn:machine', input: '{"views":["a@1"]}' })
    expect(starts).toEqual(['arn:run'])
  })

  it('reports each event of its history once, page by page', async () => {
    const entered = { id: 1, type: 'MapStateEntered', stateEnteredEventDetails: { name: 'Levels' } } as const
    const left = {
      id: 3,
      type: 'TaskStateExited',
      stateExitedEventDetails: { name: 'Select', output: '{"rows":2}' },
    } as const
    faulty
      .on(DescribeExecutionCommand)
      .resolvesOnce({ status: 'RUNNING' })
      .resolves({ status: 'SUCCEEDED', output: 'null' })
    faulty
      .on(GetExecutionHistoryCommand)
      .resolvesOnce({ events: [{ ...entered, timestamp: new Date() }] })
      .resolvesOnce({ events: [{ ...entered, timestamp: new Date() }], nextToken: 'more' })
      .resolves({
        events: [
          { id: 2, type: 'TaskScheduled', timestamp: new Date() },
          { ...left, timestamp: new Date() },
        ],
      })
    await run()
    expect(events).toEqual([
      { kind: 'entered', state: 'Levels' },
      { kind: 'done', state: 'Select', output: { rows: 2 } },
    ])
  })

  it.each([
    [
      'fails',
      { status: 'FAILED', error: 'ViewsFailed', cause: '{"failed":1}' },
      'ViewsFailed',
      /\{"failed":1\}/,
    ],
    ['is stopped', { status: 'ABORTED' }, 'ABORTED', /ended as ABORTED; its history says at which state/],
    ['takes too long', { status: 'TIMED_OUT' }, 'TIMED_OUT', /ended as TIMED_OUT/],
  ] as const)('that %s is told under its error', async (_what, ended, error, message) => {
    faulty.on(DescribeExecutionCommand).resolves(ended)
    await expect(run()).rejects.toMatchObject({
      name: 'WorkflowFailed',
      error,
      message: expect.stringMatching(message),
    })
  })

  it('throws an error when it may not be started', async () => {
    faulty
      .on(StartExecutionCommand)
      .rejects(Object.assign(new Error('not you'), { name: 'AccessDeniedException' }))
    await expect(run()).rejects.toThrow('not you')
    expect(faulty.commandCalls(StartExecutionCommand)).toHaveLength(1)
  })
})
