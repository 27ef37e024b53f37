/**
 * The clients of the example store equal the reviewed ones. The compiler of this repository checks the TypeScript
 * client.
 */
import { expect, it } from '@jest/globals'
import { openApiDocument } from '../../lib/clients/openapi.ts'
import { pythonClient } from '../../lib/clients/python.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { definitions, golden } from '../golden/golden.ts'
import { runtime, typescriptOf } from './generated-client.ts'

const plan = compile(definitions)
const services = Object.values(plan.services)

it('the TypeScript client equals the reviewed one', () => {
  golden('flights-client.ts', typescriptOf(plan))
})

it('the Python client equals the reviewed one', () => {
  golden('flights_client.py', pythonClient({ plan, services, runtime: runtime('client.py') }))
})

it('the OpenAPI document equals the reviewed one', () => {
  golden('flights-openapi.json', openApiDocument({ plan, services }))
})

it('the clients do not depend on the order of the definitions', () => {
  expect(typescriptOf(compile(definitions.toReversed()))).toBe(typescriptOf(plan))
})

it('the clients contain the hash of their plan', () => {
  const clients = [
    typescriptOf(plan),
    pythonClient({ plan, services, runtime: runtime('client.py') }),
    JSON.stringify(openApiDocument({ plan, services })),
  ]
  for (const client of clients) expect(client).toContain(plan.hash)
})

it('the clients describe each feature with its unit, origin and TTL', () => {
  expect(typescriptOf(plan)).toContain(
    '  /** Temperature, °F. airport_weather@1:temp of origin, float64, good for 3 hours. */\n  readonly temp: Feature<number>\n',
  )
})
