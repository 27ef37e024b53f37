/** Synthesizes a store's templates for comparison, in this process and without bundling, which takes 1 to 2 seconds. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'
import { FeatureStore, type FeatureStoreProps } from '../feature-store.ts'

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** Resources by part of the store (`offline`, `online`, …) and logical id. A nested stack belongs to its part. */
export type StoreTemplates = Readonly<Record<string, Readonly<Record<string, TemplateResource>>>>

export interface SynthesisProps extends FeatureStoreProps {
  /** The app's context from cdk.json, because CDK's feature flags change templates. */
  readonly context: Readonly<Record<string, unknown>>
  /** The folder for CDK's output. */
  readonly outdir: string
}

export function synthesizedStore({ plan, environment, context, outdir }: SynthesisProps): StoreTemplates {
  const app = new App({ outdir, analyticsReporting: false, context: { ...context, ...UNBUNDLED } })
  const store = new FeatureStore(app, `quern-${environment.name}`, { plan, environment })
  const { directory } = app.synth()
  const stacks = store.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct))
  const parts = Map.groupBy(stacks, partOf)
  return Object.fromEntries(
    [...parts].map(([part, all]) => [
      part,
      Object.assign({}, ...all.map(stack => resourcesIn(join(directory, stack.templateFile)))),
    ]),
  )
}

/** CDK's context value for: bundle no stack. */
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] }

/** The part of the stack: the id of its outermost stack. */
function partOf(stack: Stack): string {
  const [outermost] = stack.node.scopes.filter((scope: IConstruct) => Stack.isStack(scope))
  return (outermost ?? stack).node.id
}

function resourcesIn(path: string): Readonly<Record<string, TemplateResource>> {
  // The type is known: CDK has just written the file.
  const template: { readonly Resources?: Record<string, TemplateResource> } = JSON.parse(
    readFileSync(path, 'utf8'),
  )
  return template.Resources ?? {}
}
