/** The client for TypeScript and JavaScript, for Node and browsers: one file without imports. */
import { type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import {
  type ClientInput,
  type DescribedColumn,
  type DescribedFeature,
  type DescribedService,
  describeService,
} from './described-service.ts'
import { camelCase, freeName, pascalCase } from './naming.ts'

const SCALAR_TYPES = {
  bool: 'boolean',
  int32: 'number',
  int64: 'bigint',
  float32: 'number',
  float64: 'number',
  string: 'string',
  bytes: 'Uint8Array',
  timestamp: 'Micros',
  date: 'string',
} as const satisfies Record<ScalarType, string>

function typeText(type: ValueType): string {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return SCALAR_TYPES[shape.scalar]
    case 'array':
      return `readonly (${SCALAR_TYPES[shape.element]} | null)[]`
    case 'vector':
      return 'Float32Array'
  }
}

function featureText({ type, mask }: DescribedFeature): string {
  if (mask === null) return `Feature<${typeText(type)}>`
  return `PersonalFeature<${typeText(type)}, ${mask === 'null' ? 'null' : 'string'}>`
}

/** Escapes text, so that it cannot end the comment around it. */
const comment = (text: string): string => text.replaceAll('*/', '*\\/')

const property = ({ name, says }: DescribedColumn, type: string): string =>
  `  /** ${comment(says)} */\n  readonly ${name}: ${type}\n`

/**
 * Reserved method names. With a method `then`, the client would be a thenable. `checkPlan` is a method of every
 * client.
 */
const TAKEN = ['checkPlan', 'then']

const methodName = ({ plan }: DescribedService): string => freeName(camelCase(plan.name), TAKEN)

function types(service: DescribedService): string {
  const [name, method] = [pascalCase(service.plan.name), methodName(service)]
  const keys = [
    ...service.joinKeys.map(key => property(key, typeText(key.type))),
    ...service.request.map(value => property(value, `${typeText(value.type)} | null`)),
  ]
  const features = service.features.map(feature => property(feature, featureText(feature)))
  return `/** Of whom {@link Client.${method}} is asked. */
export interface ${name}Entity {
${keys.join('')}}

/** What {@link Client.${method}} answers for an entity. */
export interface ${name}Row {
${features.join('')}}
`
}

function method(service: DescribedService): string {
  const name = pascalCase(service.plan.name)
  const says = service.says.map(sentence => `   * ${comment(sentence)}\n`)
  return `  /**
${says.join('')}   * @throws {QuernError} if there is no answer
   * @throws {TypeError} if a join key${service.request.length === 0 ? '' : ', or a request value,'} is not of its type
   */
  readonly ${methodName(service)}: (question: Question<${name}Entity>) => Promise<readonly ${name}Row[]>
`
}

function implementation(service: DescribedService): string {
  const columns = (all: readonly DescribedColumn[]): string =>
    all.map(({ name, type }) => `        ${name}: '${type}',\n`).join('')
  const request =
    service.request.length === 0 ? '' : `      request: {\n${columns(service.request)}      },\n`
  return `    ${methodName(service)}: asker(options, {
      name: '${service.plan.name}',
      joinKeys: {
${columns(service.joinKeys)}      },
${request}      features: {
${columns(service.features)}      },
    }),
`
}

/** The runtime without its header comment, and without the exports that exist only for the compiler. */
const runtimeBody = (runtime: string): string =>
  runtime.replace(/^\/\*\*[\s\S]*?\*\/\n+/, '').replace(/\nexport \{[^}]*\}\n$/, '')

export function typescriptClient({ plan, services, runtime }: ClientInput): string {
  const described = services.map(service => describeService(plan, service))
  return `/* eslint-disable */
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// Made by \`quern generate typescript\` from the plan ${plan.hash}.
// Do not edit it: change the definitions, and make it again.

/** Hash of the plan that this client was made from. */
export const PLAN = '${plan.hash}'

${described.map(types).join('\n')}
export interface Client {
${described.map(method).join('')}  /** Does the server answer by the definitions that this client was made from? @throws {QuernError} if there is no answer */
  readonly checkPlan: () => Promise<PlanCheck>
}

/** A client of the serving API; it holds nothing that must be closed. */
export function createClient(options: ClientOptions): Client {
  return {
${described.map(implementation).join('')}    checkPlan: () => planCheck(options, PLAN),
  }
}

${runtimeBody(runtime)}`
}
