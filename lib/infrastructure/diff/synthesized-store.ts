/** A store's templates, made in this process without bundling its functions: in a second or two, to be compared. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'
import { FeatureStore, type FeatureStoreProps } from '../feature-store.ts'

/** A resource as a template has it. */
export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** Resources by logical ids, by the parts of the store: `offline`, `online`, … A nested stack's are its part's. */
export type StoreTemplates = Readonly<Record<string, Readonly<Record<string, TemplateResource>>>>

export interface SynthesisProps extends FeatureStoreProps {
  /** The app's, as cdk.json has it: flags of CDK change templates. */
  readonly context: Readonly<Record<string, unknown>>
  /** A folder for what CDK writes. */
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

/** CDK's own word for: bundle for no stack. */
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] }

/** The outermost stack that it is in. */
function partOf(stack: Stack): string {
  const [outermost] = stack.node.scopes.filter((scope: IConstruct) => Stack.isStack(scope))
  return (outermost ?? stack).node.id
}

function resourcesIn(path: string): Readonly<Record<string, TemplateResource>> {
  // CDK has written it just now.
  const template: { readonly Resources?: Record<string, TemplateResource> } = JSON.parse(
    readFileSync(path, 'utf8'),
  )
  return template.Resources ?? {}
}
