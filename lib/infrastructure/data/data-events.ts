import { Stack } from 'aws-cdk-lib'
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'

const trailName = (environment: EnvironmentPlan): string => `${namesOf(environment).prefix}-data`

/** The ARN is built from names, because the bucket's policy needs it before the trail exists. */
export const trailArn = (environment: EnvironmentPlan, stack: Stack): string =>
  stack.formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName(environment) })

const equals = (field: string, ...values: string[]) => ({ field, equalTo: values })

/** A CloudTrail trail that logs every read and write of the data, with its principal, to the log bucket. */
export class DataEvents extends Construct {
  constructor(scope: Construct, id: string, environment: EnvironmentPlan) {
    super(scope, id)
    const { bucket, logBucket, table } = namesOf(environment)
    const stack = Stack.of(this)
    const tableArn = stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: table })
    const files = { field: 'resources.ARN', startsWith: [`arn:${stack.partition}:s3:::${bucket}/`] }
    new CfnTrail(this, 'Trail', {
      trailName: trailName(environment),
      isLogging: true,
      enableLogFileValidation: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      s3BucketName: logBucket,
      s3KeyPrefix: 'cloudtrail',
      advancedEventSelectors: [
        {
          name: 'Files of the offline store',
          fieldSelectors: [
            equals('eventCategory', 'Data'),
            equals('resources.type', 'AWS::S3::Object'),
            files,
          ],
        },
        {
          name: 'Items of the online store',
          fieldSelectors: [
            equals('eventCategory', 'Data'),
            equals('resources.type', 'AWS::DynamoDB::Table'),
            equals('resources.ARN', tableArn),
          ],
        },
      ],
    })
  }
}
