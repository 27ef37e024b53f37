/**
 * What is taken out of the templates before they go to the emulator, each by a rule that is named here and in
 * docs/aws.md with its reason. All else is deployed as it was synthesized.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Types that the emulator's CloudFormation refuses. An environment with DAX is not deployed at all: functions refer to it. */
export const REFUSED_TYPES = [
  'AWS::Budgets::Budget',
  'AWS::CloudTrail::Trail',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::EC2::FlowLog',
  'AWS::EC2::SecurityGroupIngress',
] as const

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, Json>>
  readonly [field: string]: Json | undefined
}
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs?: Readonly<Record<string, Json>>
}

const isRefused = ({ Type }: Resource): boolean => REFUSED_TYPES.some(type => type === Type)

/** The lane speaks HTTP: a bucket that takes TLS only would take nothing. */
const isTlsOnly = (statement: Json): boolean => JSON.stringify(statement).includes('"aws:SecureTransport"')

function withoutTlsOnly(resource: Resource): Resource {
  if (resource.Type !== 'AWS::S3::BucketPolicy') return resource
  const { PolicyDocument, ...rest } = resource.Properties ?? {}
  // CloudFormation's own form of a policy.
  const { Statement, ...document } = PolicyDocument as { readonly Statement: readonly Json[] }
  const left = Statement.filter(statement => !isTlsOnly(statement))
  return { ...resource, Properties: { ...rest, PolicyDocument: { ...document, Statement: left } } }
}

/** Keys of conditions that the emulator's IAM does not know, and so never finds fulfilled. */
export const UNKNOWN_CONDITION_KEYS = [
  'dynamodb:LeadingKeys',
  'dynamodb:Attributes',
  'dynamodb:Select',
] as const

const isUnknown = (key: string): boolean => UNKNOWN_CONDITION_KEYS.some(unknown => unknown === key)
const isCondition = (name: string): boolean => /^(Condition|Null|(For\w+:)?String\w+)$/.test(name)
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** The statements stay, without what the emulator would deny them for. */
const withoutUnknownConditions = (template: Template): Template =>
  // What was a template is one without these properties.
  JSON.parse(JSON.stringify(template), (name, value) =>
    isUnknown(name) || (isCondition(name) && isEmpty(value)) ? undefined : value,
  ) as Template

/** A new version of the function is at once live: CodeDeploy, which would shift the requests, is not there. */
function withoutCodeDeploy({ UpdatePolicy, ...resource }: Resource): Resource {
  const { CodeDeployLambdaAliasUpdate: _, ...policy } = (UpdatePolicy ?? {}) as Readonly<Record<string, Json>>
  return Object.keys(policy).length === 0 ? resource : { ...resource, UpdatePolicy: policy }
}

/** @throws if what stays needs what goes */
export function emulated(template: Template): Template {
  const all = Object.entries(template.Resources)
  const gone = all.filter(([, resource]) => isRefused(resource)).map(([id]) => id)
  const left = all.filter(([id]) => !gone.includes(id))
  const Resources = Object.fromEntries(
    left.map(([id, resource]) => [id, withoutCodeDeploy(withoutTlsOnly(resource))]),
  )
  const text = JSON.stringify({ Resources, Outputs: template.Outputs })
  const needed = gone.filter(id => text.includes(`"${id}"`))
  if (needed.length > 0)
    throw new Error(`the emulator refuses ${needed.join(', ')}, and other resources refer to them`)
  return withoutUnknownConditions({ ...template, Resources })
}

/** Does so in a folder that was synthesized. */
export async function emulateAssembly(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.template.json'))
  for (const name of names) {
    const path = join(folder, name)
    // What CDK has written.
    const template = JSON.parse(await readFile(path, 'utf8')) as Template
    await writeFile(path, JSON.stringify(emulated(template), null, 1))
  }
}
