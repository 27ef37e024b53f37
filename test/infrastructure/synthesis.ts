/** Templates of a store, without bundling its functions: that is slow, and judged by itself (function-code.test.ts). */
import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { App, NestedStack, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { compile } from '../../lib/compiler/compile.ts'
import { compileEnvironments } from '../../lib/compiler/environment/compile-environment.ts'
import { type EnvironmentProps, environment } from '../../lib/definition/index.ts'
import { FeatureStore } from '../../lib/infrastructure/feature-store.ts'
import type { EnvironmentPlan } from '../../lib/plan/environment-plan.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { definitions } from '../golden/golden.ts'

const CDK: { readonly context: Record<string, unknown> } = JSON.parse(
  readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'),
)

/** The example's. */
export const plan = compile(definitions)

export const exampleApp = (): App => new App({ context: { ...CDK.context, 'aws:cdk:bundling-stacks': [] } })

export const environmentPlan = (props: Partial<EnvironmentProps>, under: Plan = plan): EnvironmentPlan => {
  const declared = environment({ name: 'trial', region: 'eu-central-1', ...props })
  const [compiled] = compileEnvironments([declared], under)
  if (compiled === undefined) throw new Error('no environment was compiled')
  return compiled
}

/** A resource as a template has it. */
export interface Resource {
  readonly Type: string
  // Whatever CloudFormation takes: tests say what they expect.
  readonly Properties: Record<string, unknown>
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
}

/** A store's stacks by their parts: `offline`, `online`, … */
export interface Synthesis {
  readonly app: App
  readonly stacks: Readonly<Record<string, Stack>>
  readonly template: (part: string) => Template
  /** Of all stacks, nested ones too, by stack and logical id. */
  readonly resources: (type?: string) => readonly (readonly [id: string, resource: Resource])[]
}

export function synthesize(props: Partial<EnvironmentProps>, under: Plan = plan): Synthesis {
  const app = exampleApp()
  const store = new FeatureStore(app, 'Store', { plan: under, environment: environmentPlan(props, under) })
  const all = store.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct))
  const stacks = Object.fromEntries(
    all.filter(stack => !(stack instanceof NestedStack)).map(stack => [stack.node.id, stack]),
  )
  const template = (part: string): Template => {
    const stack = stacks[part]
    if (stack === undefined)
      throw new Error(`there is no stack ${part}, only ${Object.keys(stacks).join(', ')}`)
    return Template.fromStack(stack)
  }
  const found = all.flatMap(stack =>
    Object.entries(Template.fromStack(stack).toJSON()['Resources'] as Record<string, Resource>).map(
      ([id, resource]) => [`${stack.node.id}/${id}`, resource] as const,
    ),
  )
  const resources = (type?: string) => found.filter(([, { Type }]) => type === undefined || Type === type)
  return { app, stacks, template, resources }
}

/** The properties of the one resource of a type, at a path. */
export function only(store: Synthesis, type: string, path = ''): Resource['Properties'] {
  const found = store.resources(type).filter(([id]) => id.includes(path))
  expect(found).toHaveLength(1)
  return found[0]?.[1].Properties ?? {}
}

/**
 * A template's text without what every line of code changes: hashes of assets and of the plan, the id of the serving
 * function's version, which is made of them, and the workflow's document, which has a golden of its own.
 */
export const settled = (template: unknown): string =>
  `${JSON.stringify(template, null, 2)}\n`
    .replaceAll(plan.hash, '<plan>')
    .replaceAll(/(?<="DefinitionString": )"(?:[^"\\]|\\.)*"/g, '"<document>"')
    .replaceAll(/(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '<version>')
    .replaceAll(/[0-9a-f]{64}/g, '<asset>')
