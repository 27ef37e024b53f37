import { Rule, type RuleProps, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { runsOnArrival, runsOnSchedule } from '../../materialization/scheduled-runs.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { DeadLetters } from '../parts/dead-letters.ts'

export interface RunTriggersProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly machine: StateMachine
}

/** The retries of a trigger that cannot start its run. */
const RETRIES = { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 10 }

/** The triggers of runs: the plan's schedules, files that arrive for a table source, and events of other systems. */
export class RunTriggers extends Construct {
  private readonly letters: DeadLetters

  constructor(scope: Construct, id: string, { plan, environment, machine }: RunTriggersProps) {
    super(scope, id)
    this.letters = new DeadLetters(this, 'Letters', namesOf(environment).deadLetters.triggers)
    this.schedules(plan, environment, machine)
    this.arrivals(plan, environment, machine)
    this.onEvent('Asked', machine, RuleTargetInput.fromEventPath('$.detail'), {
      description: 'Starts the run that an event describes',
      eventPattern: {
        source: ['quern'],
        detailType: ['materialize'],
        resources: [namesOf(environment).prefix],
      },
    })
  }

  private schedules(plan: Plan, environment: EnvironmentPlan, machine: StateMachine): void {
    const { prefix } = namesOf(environment)
    const group = new CfnScheduleGroup(this, 'Schedules', { name: prefix })
    const role = this.schedulerRole(machine)
    for (const { expression, input } of runsOnSchedule(plan))
      new CfnSchedule(this, expression, {
        groupName: group.ref,
        description: `Brings online what is due by ${expression}`,
        scheduleExpression: expression,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: machine.stateMachineArn,
          roleArn: role.roleArn,
          input: JSON.stringify(input),
          retryPolicy: RETRIES,
          deadLetterConfig: { arn: this.letters.queueArn },
        },
      })
  }

  private schedulerRole(machine: StateMachine): Role {
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Starts runs',
    })
    machine.grantStartExecution(role)
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.letters.queueArn] }),
    )
    return role
  }

  /** Spark and Hadoop write `_SUCCESS` after all files of a batch, so each batch starts one run. */
  private arrivals(plan: Plan, environment: EnvironmentPlan, machine: StateMachine): void {
    for (const [i, { source, input }] of runsOnArrival(plan).entries())
      this.onEvent(`Arrived-${source}-${i + 1}`, machine, RuleTargetInput.fromObject(input), {
        description: `A batch of source ${source} has arrived`,
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          detail: {
            bucket: { name: [namesOf(environment).bucket] },
            object: { key: [{ wildcard: `${FOLDERS.sources}/${source}/*_SUCCESS` }] },
          },
        },
      })
  }

  private onEvent(id: string, machine: StateMachine, input: RuleTargetInput, props: RuleProps): void {
    new Rule(this, id, {
      ...props,
      targets: [new SfnStateMachine(machine, { input, deadLetterQueue: this.letters, retryAttempts: 10 })],
    })
  }
}
