/**
 * The Python client: one file that needs only the standard library for the API, and the client of boto3 for the
 * table.
 */

import { type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import { type Plan, type ServicePlan, viewOf } from '../plan/plan.ts'
import {
  type ClientInput,
  type DescribedColumn,
  type DescribedFeature,
  type DescribedService,
  describeService,
} from './described-service.ts'
import { freeName, pascalCase } from './naming.ts'

const SCALAR_TYPES = {
  bool: 'bool',
  int32: 'int',
  int64: 'int',
  float32: 'float',
  float64: 'float',
  string: 'str',
  bytes: 'bytes',
  timestamp: 'datetime',
  date: 'date',
} as const satisfies Record<ScalarType, string>

function typeText(type: ValueType): string {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return SCALAR_TYPES[shape.scalar]
    case 'array':
      return `list[Union[${SCALAR_TYPES[shape.element]}, None]]`
    case 'vector':
      return 'list[float]'
  }
}

function featureText({ type, mask }: DescribedFeature): string {
  if (mask === null) return `Feature[${typeText(type)}]`
  return `Union[Feature[${typeText(type)}], Masked[${mask === 'null' ? 'None' : 'str'}]]`
}

/** Words that cannot be the name of a method. */
const TAKEN =
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  )

const methodName = ({ plan }: DescribedService): string => freeName(plan.name, TAKEN)

/** Escapes text, so that it cannot end the docstring around it. */
const docstring = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"')

/** Uses the functional form of TypedDict, because a feature can have the name of a Python keyword. */
function typedDict<C extends DescribedColumn>(
  name: string,
  columns: readonly C[],
  typeOf: (column: C) => string,
): string {
  const fields = columns.map(
    column => `        # ${column.says}\n        "${column.name}": ${typeOf(column)},\n`,
  )
  return `${name} = TypedDict(\n    "${name}",\n    {\n${fields.join('')}    },\n)\n`
}

/** Request values may be None. */
const entityText =
  ({ request }: DescribedService) =>
  (column: DescribedColumn): string =>
    request.includes(column) ? `Union[${typeText(column.type)}, None]` : typeText(column.type)

function types(service: DescribedService): string {
  const name = pascalCase(service.plan.name)
  return `# Of whom Client.${methodName(service)} is asked.
${typedDict(`${name}Entity`, [...service.joinKeys, ...service.request], entityText(service))}
# What Client.${methodName(service)} answers for an entity.
${typedDict(`${name}Row`, service.features, featureText)}`
}

function useTexts(plan: Plan, { uses }: ServicePlan): string {
  const texts = uses.map(use => {
    const keys = use.joinKeys.map(({ from }) => `"${from}"`)
    const attributes = use.features.map(
      ({ name: column, feature }) => `                    "${column}": "${feature}",\n`,
    )
    return `            Use(
                view="${use.view}",
                ttl_ms=${viewOf(plan, use.view).ttlMs ?? 'None'},
                keys=(${keys.join(', ')}${keys.length === 1 ? ',' : ''}),
                attributes={
${attributes.join('')}                },
            ),
`
  })
  return texts.join('')
}

/**
 * True if the table has the features of the service: items contain no derived features, and none of aggregate views.
 */
const isOfTable = (plan: Plan, service: ServicePlan): boolean =>
  service.derived.length === 0 && service.uses.every(({ view }) => viewOf(plan, view).aggregates === null)

function descriptor(of: Plan, { plan, joinKeys, request, features }: DescribedService): string {
  const columns = (all: readonly DescribedColumn[]): string =>
    all.map(({ name, type }) => `            "${name}": "${type}",\n`).join('')
  const requested = request.length === 0 ? '' : `        request={\n${columns(request)}        },\n`
  return `    "${plan.name}": Service(
        name="${plan.name}",
        join_keys={
${columns(joinKeys)}        },
        features={
${columns(features)}        },
        uses=(${isOfTable(of, plan) ? `\n${useTexts(of, plan)}        ` : ''}),
${requested}    ),
`
}

function method(service: DescribedService): string {
  const name = pascalCase(service.plan.name)
  const says = service.says.map(sentence => `        ${docstring(sentence)}\n`).join('')
  return `
    def ${methodName(service)}(self, entities: Sequence[${name}Entity]) -> Sequence[${name}Row]:
        """${says.trimStart()}
        Raises QuernError if there is no answer, TypeError if a join key${service.request.length === 0 ? '' : ', or a request value,'} is not of its type.
        """
        # Made of the very columns of which the type speaks.
        return cast("Sequence[${name}Row]", self._store.read(_SERVICES["${service.plan.name}"], entities))
`
}

/** The runtime without its module docstring. */
const runtimeBody = (runtime: string): string => runtime.replace(/^"""[\s\S]*?"""\n+/, '')

export function pythonClient({ plan, services, runtime }: ClientInput): string {
  const described = services.map(service => describeService(plan, service))
  return `"""Made by \`quern generate python\` from the plan ${plan.hash}.

Do not edit it: change the definitions, and make it again.
"""

${runtimeBody(runtime)}

# Hash of the plan that this client was made from; Api.served_plan() is the server's.
PLAN = "${plan.hash}"

${described.map(types).join('\n')}
_SERVICES = {
${described.map(service => descriptor(plan, service)).join('')}}


class Client:
    """Features of entities: Client(Api("https://...")), or Client(Table(boto3.client("dynamodb"), "online"))."""

    def __init__(self, store: Store) -> None:
        self._store = store
${described.map(method).join('')}`
}
