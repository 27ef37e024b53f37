/** What holds data outlives its stack, and is never replaced because a construct was renamed. */
import { type CfnResource, RemovalPolicy } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'

/** In an environment for trials data goes with its stack. */
export const dataRemoval = ({ removal }: EnvironmentPlan): RemovalPolicy =>
  removal === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN

export const isProtected = ({ removal }: EnvironmentPlan): boolean => removal === 'retain'

/**
 * Gives the resource behind a construct a logical id that does not follow from the tree of constructs: another id would
 * be another resource. Each is pinned by test/infrastructure.
 */
export function pin({ node }: IConstruct, logicalId: string): void {
  // The resource of a construct of CDK's own is its default child, which only this type names.
  const resource = node.defaultChild as CfnResource
  resource.overrideLogicalId(logicalId)
}

/**
 * Does a resource of this type hold rows, keys, secrets, or what tells where rows are? Queues of dead letters are not
 * counted: what is in them is told of elsewhere.
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
