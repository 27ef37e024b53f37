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

/** From history to the online table: the tables, the workflow and what starts it. */
export class Materialization extends Construct {
  constructor(scope: Construct, id: string, props: BatchProps) {
    super(scope, id)
    const { plan, environment } = props
    const tables = new StoreTables(this, 'Tables', props)
    const tasks = new MaterializationTasks(this, 'Tasks', props)
    const machine = workflow(this, props, tasks)
    // A run of the new plan finds the new plan's tables.
    machine.node.addDependency(tables)
    failedRuns(this, environment, machine)
    new RunTriggers(this, 'Triggers', { plan, environment, machine })
  }
}

/** Known by its name, so that no stack needs an export. */
export const stateMachineArn = (environment: EnvironmentPlan, stack: Stack): string =>
  stack.formatArn({
    service: 'states',
    resource: `stateMachine:${namesOf(environment).stateMachine}`,
  })

/** The document that also runs locally; only the functions' names are put in. */
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
        // Step Functions wants this prefix where a resource policy of the account is to stay short.
        logGroupName: `/aws/vendedlogs/states/${names.stateMachine}`,
        retention: environment.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      level: LogLevel.ALL,
      // A payload names files and counts, never a key; but its errors quote what failed.
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

/** A distributed map starts a child of the same machine for each chunk, watches it and, on redrive, starts it again. */
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

/** Each run that did not end well, with its input, for a person: it can be redriven from where it failed. */
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
