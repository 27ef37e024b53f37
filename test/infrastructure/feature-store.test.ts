/** The store as a construct, in an app of somebody's own. */
import { describe, expect, it } from '@jest/globals'
import { type App, CfnWaitConditionHandle, Stack, Stage } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import type { Construct } from 'constructs'
import { FeatureStore } from '../../lib/infrastructure/index.ts'
import { environmentPlan, exampleApp, plan, settled } from './synthesis.ts'

const PLACES: Readonly<Record<string, (app: App) => Construct>> = {
  app: app => app,
  stage: app => new Stage(app, 'Beta', { env: { region: 'us-east-1' } }),
  stack: app => {
    const mine = new Stack(app, 'Mine')
    new CfnWaitConditionHandle(mine, 'SomethingOfMine')
    return mine
  },
}

const templatesIn = (place: (app: App) => Construct): Readonly<Record<string, unknown>> => {
  const environment = environmentPlan({})
  const store = new FeatureStore(place(exampleApp()), 'Store', { plan, environment })
  const stacks = store.node.children.filter((child): child is Stack => Stack.isStack(child))
  return Object.fromEntries(stacks.map(stack => [stack.stackName, Template.fromStack(stack).toJSON()]))
}

/** CDK makes the ids of a few statements of where their constructs are. */
const withoutPaths = (templates: object): string =>
  settled(templates).replaceAll(/AllowEventRule\w+/g, '<rule>')

describe('a store', () => {
  const inApp = templatesIn(app => app)

  it('has six stacks, named after its environment', () => {
    expect(Object.keys(inApp)).toEqual(
      ['offline', 'online', 'materialization', 'push', 'serving', 'monitoring'].map(
        part => `quern-trial-${part}`,
      ),
    )
  })

  it.each(Object.entries(PLACES))('is the same in an %s', (_where, place) => {
    expect(withoutPaths(templatesIn(place))).toBe(withoutPaths(inApp))
  })

  it('deploys what holds data first, and what tells of it last', () => {
    const store = new FeatureStore(exampleApp(), 'Store', { plan, environment: environmentPlan({}) })
    const needs = Object.fromEntries(
      store.node.children
        .filter((child): child is Stack => Stack.isStack(child))
        .map(({ node, dependencies }) => [node.id, dependencies.map(other => other.node.id)]),
    )
    expect(needs).toEqual({
      offline: [],
      online: ['offline'],
      materialization: ['online'],
      push: ['online'],
      serving: ['materialization', 'push'],
      monitoring: ['offline'],
    })
  })
})
