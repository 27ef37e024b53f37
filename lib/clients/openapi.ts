/** The OpenAPI 3.1 document of one store: the requests and responses of its services, with names and types. */
import { type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import { openApi } from '../online/serving/routes.ts'
import {
  type ClientInput,
  type DescribedFeature,
  type DescribedService,
  describeService,
} from './described-service.ts'
import { pascalCase } from './naming.ts'

type Schema = Readonly<Record<string, unknown>>

const WHOLE = '^-?(0|[1-9][0-9]{0,18})$'
const FLOAT = { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] }

const SCALAR_SCHEMAS = {
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float32: FLOAT,
  float64: FLOAT,
  string: { type: 'string' },
  bytes: { type: 'string', contentEncoding: 'base64' },
  timestamp: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
} as const satisfies Record<ScalarType, Schema>

const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })

const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })

function valueSchema(type: ValueType): Schema {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return SCALAR_SCHEMAS[shape.scalar]
    case 'array':
      return list(nullable(SCALAR_SCHEMAS[shape.element]))
    case 'vector':
      return list(FLOAT, { minItems: shape.length, maxItems: shape.length })
  }
}

/** Clients that cannot write 64-bit numbers may send their digits as a string. */
const keySchema = (type: ValueType): Schema =>
  type === 'int64' ? { anyOf: [SCALAR_SCHEMAS.int64, { type: 'string', pattern: WHOLE }] } : valueSchema(type)

/** An object with all of these properties. A later version of a response can have more. */
const object = (properties: Schema): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
})

/** An object with these properties only. */
const closed = (properties: Schema): Schema => ({ ...object(properties), additionalProperties: false })

function requestSchema({ plan, says, joinKeys, request }: DescribedService): Schema {
  const columns = [
    ...joinKeys.map(({ name, type, says: description }) => [name, list(keySchema(type), { description })]),
    ...request.map(({ name, type, says: description }) => [
      name,
      list(nullable(keySchema(type)), { description }),
    ]),
  ]
  const properties = { feature_service: { const: plan.name }, entities: closed(Object.fromEntries(columns)) }
  return { ...closed(properties), description: says.join(' ') }
}

/** One value, status and event timestamp for each entity. */
const columnSchema = (values: Schema, statuses: readonly string[], more: Schema): Schema => ({
  ...object({
    values: list(values),
    statuses: list({ enum: statuses }),
    event_timestamps: list({ type: 'string', format: 'date-time' }),
  }),
  ...more,
})

const STATUSES = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']

const featureSchema = ({ name, type, mask, says }: DescribedFeature): Schema =>
  columnSchema(nullable(valueSchema(type)), mask === null ? STATUSES : [...STATUSES, 'MASKED'], {
    title: name,
    description: says,
  })

/** The columns have a fixed order, so each has its own schema. */
function answerSchema({ joinKeys, features }: DescribedService): Schema {
  const names = [...joinKeys, ...features].map(({ name }) => name)
  const columns = [
    ...joinKeys.map(({ name: title, type }) => columnSchema(valueSchema(type), ['PRESENT'], { title })),
    ...features.map(featureSchema),
  ]
  const exactly = { minItems: columns.length, maxItems: columns.length }
  return object({
    metadata: object({ feature_names: { const: names } }),
    results: { type: 'array', prefixItems: columns, items: false, ...exactly },
  })
}

const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** Full feature names and lists of references are only in the general document, at `GET /openapi.json`. */
export function openApiDocument({ plan, services }: Omit<ClientInput, 'runtime'>): object {
  const described = services.map(service => describeService(plan, service))
  const names = described.map(service => pascalCase(service.plan.name))
  const schemas = described.flatMap((service, i) => [
    [`${names[i]}Request`, requestSchema(service)],
    [`${names[i]}Answer`, answerSchema(service)],
  ])
  return {
    ...openApi({
      getOnlineFeatures: {
        body: { oneOf: names.map(name => reference(`${name}Request`)) },
        // Two services can have the same columns, so this is anyOf and not oneOf.
        answer: { anyOf: names.map(name => reference(`${name}Answer`)) },
      },
    }),
    'x-quern-plan': plan.hash,
    components: { schemas: Object.fromEntries(schemas) },
  }
}
