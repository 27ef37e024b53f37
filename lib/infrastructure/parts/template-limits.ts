/** Checks templates against AWS quotas before a deployment, because an exceeded quota would fail it half-way. */

/** The parts of a template that the checks read. */
export interface LimitedTemplate {
  readonly Resources?: Readonly<Record<string, LimitedResource>>
  readonly Outputs?: Readonly<Record<string, unknown>>
}

interface LimitedResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** A measured part of a template: its number of characters or elements, and the AWS quota. */
interface Measured {
  readonly what: string
  readonly count: number
  readonly most: number
}

const MAX_RESOURCES = 500
const MAX_OUTPUTS = 200
const MAX_TEMPLATE_BYTES = 1_000_000

/** By resource type: the measured properties and their quotas. */
const QUOTAS: Readonly<Record<string, readonly (readonly [property: string, most: number])[]>> = {
  'AWS::Lambda::Function': [['Environment', 4_096]],
  'AWS::IAM::ManagedPolicy': [['PolicyDocument', 6_144]],
  'AWS::IAM::Policy': [['PolicyDocument', 10_240]],
  'AWS::IAM::Role': [['AssumeRolePolicyDocument', 2_048]],
  'AWS::StepFunctions::StateMachine': [['DefinitionString', 1_048_576]],
  'AWS::Scheduler::Schedule': [['Target', 262_144]],
  'AWS::CloudWatch::Alarm': [['AlarmDescription', 1_024]],
  'AWS::SSM::Parameter': [['Value', 4_096]],
}

/** A lower bound of the value's text in CloudFormation: values that only a deployment resolves count as empty. */
function resolvedPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolvedPart)
  if (typeof value !== 'object' || value === null) return value
  const [[name, inner] = ['', null], ...others] = Object.entries(value)
  if (others.length === 0 && name === 'Fn::Join' && Array.isArray(inner))
    return [inner[1]]
      .flat()
      .map(part => (typeof part === 'string' ? part : ''))
      .join('')
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return ''
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolvedPart(one)]))
}

const sizeOf = (value: unknown): number => {
  const text = resolvedPart(value)
  return Buffer.byteLength(typeof text === 'string' ? text : JSON.stringify(text ?? ''))
}

function measured(template: LimitedTemplate): readonly Measured[] {
  const resources = Object.entries(template.Resources ?? {})
  return [
    { what: 'resources', count: resources.length, most: MAX_RESOURCES },
    { what: 'outputs', count: Object.keys(template.Outputs ?? {}).length, most: MAX_OUTPUTS },
    // CDK writes templates with an indent of one space.
    { what: 'bytes', count: Buffer.byteLength(JSON.stringify(template, null, 1)), most: MAX_TEMPLATE_BYTES },
    ...resources.flatMap(([id, { Type, Properties = {} }]) =>
      (QUOTAS[Type] ?? []).map(([property, most]) => ({
        what: `bytes in ${property} of ${Type} ${id}`,
        count: sizeOf(Properties[property]),
        most,
      })),
    ),
  ]
}

/** Returns one sentence for each exceeded quota of a stack's template. */
export const templateFaults = (stack: string, template: LimitedTemplate): readonly string[] =>
  measured(template)
    .filter(({ count, most }) => count > most)
    .map(({ what, count, most }) => `stack ${stack}: ${count} ${what}; AWS takes ${most}`)

/** The templates exceed AWS quotas, so they cannot be deployed. */
export class TemplateLimitError extends Error {
  constructor(faults: readonly string[]) {
    super(
      `the store is too large for AWS's quotas:\n${faults.map(fault => `  - ${fault}`).join('\n')}\ndivide the definitions between two projects, or make fewer views, services and grants`,
    )
    this.name = 'TemplateLimitError'
  }
}
