/** Resources with data outlive their stack, and a renamed construct never replaces them. */
import { type CfnResource, RemovalPolicy } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'

/** In an environment with `removal: 'destroy'`, data is removed with its stack. */
export const dataRemoval = ({ removal }: EnvironmentPlan): RemovalPolicy =>
  removal === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN

export const isProtected = ({ removal }: EnvironmentPlan): boolean => removal === 'retain'

/**
 * Gives a construct's resource a fixed logical id, independent of the construct tree. A changed logical id would replace
 * the resource. test/infrastructure pins each id.
 */
export function pin({ node }: IConstruct, logicalId: string): void {
  // The cast is safe: the default child of a CDK construct is its CloudFormation resource.
  const resource = node.defaultChild as CfnResource
  resource.overrideLogicalId(logicalId)
}

/**
 * Whether resources of this type hold rows, keys, secrets or the locations of rows. Dead-letter queues do not count, because
 * their content is also recorded elsewhere.
 */
export const holdsData = (type: string): boolean => HOLDS_DATA.has(type)

const HOLDS_DATA: ReadonlySet<string> = new Set([
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::Glue::Database',
  'AWS::DynamoDB::GlobalTable',
  'AWS::SecretsManager::Secret',
  'AWS::Kinesis::Stream',
])
