import { Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'
import { alarmSenders } from './alarm-senders.ts'

export interface AlarmTopicsProps {
  readonly environment: EnvironmentPlan
  readonly key: IKey
}

/** The topics that receive alarms: the store's own topic, an existing topic, or both. */
export class AlarmTopics extends Construct {
  private readonly topics: readonly ITopic[]

  constructor(scope: Construct, id: string, props: AlarmTopicsProps) {
    super(scope, id)
    const { email, topicArn } = props.environment.alarms
    const given = topicArn === null ? [] : [Topic.fromTopicArn(this, 'Given', topicArn)]
    const own = topicArn === null || email !== null ? [this.own(props)] : []
    this.topics = [...own, ...given]
  }

  get arns(): readonly string[] {
    return this.topics.map(({ topicArn }) => topicArn)
  }

  /** Sends the alarm and its end to the topics. */
  tell(alarm: Alarm): void {
    const actions = this.topics.map(topic => new SnsAction(topic))
    alarm.addAlarmAction(...actions)
    alarm.addOkAction(...actions)
  }

  private own({ environment, key }: AlarmTopicsProps): Topic {
    const topic = new Topic(this, 'Own', {
      topicName: `${namesOf(environment).prefix}-alarms`,
      displayName: `Alarms of the feature store ${environment.name}`,
      masterKey: key,
      enforceSSL: true,
    })
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsAndBudgets',
        principals: alarmSenders(environment),
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    if (environment.alarms.email !== null)
      topic.addSubscription(new EmailSubscription(environment.alarms.email))
    return topic
  }
}
