/** The clients of the example store, as they were reviewed. The compiler of this repository reads the one in TypeScript. */
import { expect, it } from '@jest/globals'
import { openApiDocument } from '../../lib/clients/openapi.ts'
import { pythonClient } from '../../lib/clients/python.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { definitions, golden } from '../golden/golden.ts'
import { runtime, typescriptOf } from './generated-client.ts'

const plan = compile(definitions)
const services = Object.values(plan.services)

it('TypeScript', () => {
  golden('flights-client.ts', typescriptOf(plan))
})

it('Python', () => {
  golden('flights_client.py', pythonClient({ plan, services, runtime: runtime('client.py') }))
})

it('OpenAPI', () => {
  golden('flights-openapi.json', openApiDocument({ plan, services }))
})

it('are the same in whatever order the definitions come', () => {
  expect(typescriptOf(compile(definitions.toReversed()))).toBe(typescriptOf(plan))
})

it('name their plan', () => {
  const clients = [
    typescriptOf(plan),
    pythonClient({ plan, services, runtime: runtime('client.py') }),
    JSON.stringify(openApiDocument({ plan, services })),
  ]
  for (const client of clients) expect(client).toContain(plan.hash)
})

it('say of each feature what it is, in which unit, from where and for how long', () => {
  expect(typescriptOf(plan)).toContain(
    '  /** Temperature, °F. airport_weather@1:temp of origin, float64, good for 3 hours. */\n  readonly temp: Feature<number>\n',
  )
})
