/** Every statement of IAM in a template: of roles' policies, of managed ones, and of resources that have their own. */
import type { Resource } from './synthesis.ts'

export interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource?: unknown
  readonly Principal?: unknown
  readonly Condition?: unknown
}

interface Document {
  readonly Statement: readonly Statement[]
}

/** Where a resource's type has a policy document. */
const DOCUMENTS: Readonly<Record<string, (properties: Record<string, unknown>) => readonly unknown[]>> = {
  'AWS::IAM::Policy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::IAM::ManagedPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::IAM::Role': ({ Policies, AssumeRolePolicyDocument }) => [
    AssumeRolePolicyDocument,
    ...((Policies ?? []) as readonly { readonly PolicyDocument: unknown }[]).map(one => one.PolicyDocument),
  ],
  'AWS::S3::BucketPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::SQS::QueuePolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::SNS::TopicPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::KMS::Key': ({ KeyPolicy }) => [KeyPolicy],
}

export const statementsOf = ({ Type, Properties }: Resource): readonly Statement[] =>
  (DOCUMENTS[Type]?.(Properties) ?? []).flatMap(document => (document as Document).Statement)

/** A value as a reader of the template sees it: references by name, joins put together. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value
  const [[name, argument] = ['', undefined]] = Object.entries(Object(value))
  if (name === 'Fn::Join' && Array.isArray(argument))
    return (argument[1] as unknown[]).map(shown).join(argument[0])
  if (name === 'Ref') return `<${String(argument).replace('AWS::', '')}>`
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`
  if (name === 'Fn::ImportValue') return `<${String(argument).replace(/^.*?:ExportsOutput/, '')}>`
  return JSON.stringify(value)
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
