/** What cdk-nag finds and we keep, each with its reason. One that is not found any more has to go. */
export interface Exception {
  readonly rule: RegExp
  /** Paths of constructs. */
  readonly at: RegExp
  readonly why: string
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: /^AwsSolutions-SMG4$/,
    at: /MaskSecret/,
    why: 'another key of masks makes other hashes, by which nothing joins any more: a person decides that',
  },
  {
    rule: /^AwsSolutions-KDS3$/,
    at: /PushStream/,
    why: 'asks for AWS’s own key; the stream has the store’s, as all of its data',
  },
  {
    rule: /^AwsSolutions-SQS3$/,
    at: /\/(FailedRuns|Letters)\//,
    why: 'is a dead-letter queue itself',
  },
  {
    rule: /^AwsSolutions-APIG4$/,
    at: /GET--health\/Resource/,
    why: 'probes sign nothing; the answer is the plan’s hash',
  },
  {
    rule: /^AwsSolutions-IAM4\[.*AWSCodeDeployRoleForLambdaLimited\]$/,
    at: /Rollout\/Group\/ServiceRole/,
    why: 'CodeDeploy’s own, which AWS keeps up to date',
  },
  {
    rule: /^AwsSolutions-SF2$/,
    at: /Workflow/,
    why: 'an environment without tracing has none; runs keep their history without it',
  },
  {
    rule: /^AwsSolutions-IAM5\[Action::kms:(GenerateDataKey|ReEncrypt)\*\]$/,
    at: /Role\/DefaultPolicy/,
    why: 'the variants of one action, on the one key',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::/,
    at: /Role\/DefaultPolicy/,
    why: 'each statement is judged, with its reason, by least-privilege.test.ts',
  },
]
