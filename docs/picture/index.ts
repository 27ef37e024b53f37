/** Draws docs/aws.svg from the templates of the example's production store: `node docs/picture/index.ts`. */
import { writeFileSync } from 'node:fs'
import { App, Stack } from 'aws-cdk-lib'
import * as environments from '../../definitions/environments.ts'
import * as flights from '../../definitions/flights.ts'
import { compile, compileEnvironments, FeatureStore } from '../../lib/infrastructure/index.ts'
import { graphOf, type Templates } from './graph.ts'
import { svgOf } from './svg.ts'

const FILE = new URL('../aws.svg', import.meta.url)

/** Without the functions' code, of which the picture shows nothing. */
function templates(): Templates {
  const plan = compile(Object.values(flights))
  const [environment] = compileEnvironments([environments.prod], plan)
  if (environment === undefined) throw new Error('the example has no production environment')
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } })
  const store = new FeatureStore(app, 'Store', { plan, environment })
  const assembly = app.synth()
  const stacks = store.node.children.filter((child): child is Stack => Stack.isStack(child))
  return Object.fromEntries(
    stacks.map(stack => [stack.node.id, assembly.getStackByName(stack.stackName).template]),
  )
}

export const drawn = (): string => svgOf(graphOf(templates()))

if (import.meta.main) writeFileSync(FILE, drawn())
