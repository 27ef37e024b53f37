import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { partitionOfRegion } from '../../compiler/environment/aws-regions.ts'
import { stateMachine } from '../../materialization/state-machine.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { StoreTables } from '../data/store-tables.ts'
import { namesOf } from '../names.ts'
import { DeadLetters } from '../parts/dead-letters.ts'
import { type BatchProps, MaterializationTasks } from './materialization-tasks.ts'
import { RunTriggers } from './run-triggers.ts'

/** The offline tables, the materialization workflow, and its triggers. */
export class Materialization extends Construct {
  constructor(scope: Construct, id: string, props: BatchProps) {
    super(scope, id)
    const { plan, environment } = props
    const tables = new StoreTables(this, 'Tables', props)
    const tasks = new MaterializationTasks(this, 'Tasks', props)
    const machine = workflow(this, props, tasks)
    // A run of the new plan needs the new plan's tables.
    machine.node.addDependency(tables)
    failedRuns(this, environment, machine)
    new RunTriggers(this, 'Triggers', { plan, environment, machine })
  }
}

/** Built from the name, so that no stack needs an export. */
export const stateMachineArn = (environment: EnvironmentPlan, stack: Stack): string =>
  stack.formatArn({
    service: 'states',
    resource: `stateMachine:${namesOf(environment).stateMachine}`,
  })

/** The state machine has the same document as a local run; only the functions' names are filled in. */
function workflow(
  scope: Construct,
  { plan, environment }: BatchProps,
  { functions }: MaterializationTasks,
): StateMachine {
  const names = namesOf(environment)
  const document = stateMachine(plan, {
    chunksAtATime: environment.concurrency.chunks,
    partition: partitionOfRegion(environment.region) ?? 'aws',
  })
  const machine = new StateMachine(scope, 'Workflow', {
    stateMachineName: names.stateMachine,
    stateMachineType: StateMachineType.STANDARD,
    comment: document.Comment,
    definitionBody: DefinitionBody.fromString(JSON.stringify(document)),
    definitionSubstitutions: Object.fromEntries(
      Object.entries(functions).map(([task, { functionArn }]) => [task, functionArn]),
    ),
    tracingEnabled: environment.tracing,
    logs: {
      destination: new LogGroup(scope, 'WorkflowLog', {
        // With this prefix, Step Functions does not extend the account's log resource policy, which has a size limit.
        logGroupName: `/aws/vendedlogs/states/${names.stateMachine}`,
        retention: environment.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      level: LogLevel.ALL,
      // Payloads contain only file names and counts, but errors may quote entity keys.
      includeExecutionData: false,
    },
  })
  for (const { functionArn } of Object.values(functions))
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    )
  for (const statement of childRuns(environment, Stack.of(scope))) machine.addToRolePolicy(statement)
  return machine
}

/** A distributed map needs permissions to start, describe and redrive child executions of its own state machine. */
function childRuns(environment: EnvironmentPlan, stack: Stack): readonly PolicyStatement[] {
  const execution = stack.formatArn({
    service: 'states',
    resource: `execution:${namesOf(environment).stateMachine}`,
  })
  return [
    new PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [stateMachineArn(environment, stack)],
    }),
    new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
      resources: [`${execution}:*`, `${execution}/*`],
    }),
  ]
}

/** Sends each failed run with its input to a dead-letter queue. An operator can redrive it from the failed state. */
function failedRuns(scope: Construct, environment: EnvironmentPlan, machine: StateMachine): void {
  const letters = new DeadLetters(scope, 'FailedRuns', namesOf(environment).deadLetters.runs)
  new Rule(scope, 'RunFailed', {
    description: 'Keeps runs that failed, timed out or were stopped',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: [machine.stateMachineArn],
      },
    },
    targets: [new SqsQueue(letters)],
  })
}
