/** The infrastructure's door: the project's definitions as CDK stacks, for one environment (`-c env=dev`) or all of them. */
import { App } from 'aws-cdk-lib'
import { compileEnvironments } from '../lib/compiler/compile-environment.ts'
import type { EnvironmentPlan } from '../lib/compiler/environment-plan.ts'
import { CompileError } from '../lib/compiler/mistakes.ts'
import { FeatureStore } from '../lib/infrastructure/feature-store.ts'
import { TemplateLimitError, templateFaults } from '../lib/infrastructure/template-limits.ts'
import { PolicyTooLargeError, TooManyPoliciesError } from '../lib/online/iam-policy.ts'
import { StoreError } from '../lib/store-error.ts'
import { loadDefinitions } from './load-definitions.ts'
import { compileLocked } from './project-lock.ts'

try {
  const app = new App()
  const project = String(app.node.tryGetContext('project') ?? process.cwd())
  const exported = await loadDefinitions(project)
  const plan = await compileLocked(project, exported)
  const environments = compileEnvironments(exported, plan)
  for (const environment of chosen(environments, app.node.tryGetContext('env')))
    new FeatureStore(app, `quern-${environment.name}`, { plan, environment })
  const faults = app
    .synth()
    .stacksRecursively.flatMap(({ stackName, template }) => templateFaults(stackName, template))
  if (faults.length > 0) throw new TemplateLimitError(faults)
} catch (error) {
  if (!isTold(error)) throw error
  process.stderr.write(`quern: ${error.message}\n`)
  process.exitCode = 1
}

/** Is it an error whose message is for people? */
function isTold(error: unknown): error is Error {
  const expected = [CompileError, StoreError, PolicyTooLargeError, TooManyPoliciesError, TemplateLimitError]
  return expected.some(kind => error instanceof kind)
}

/** @throws {StoreError} `bad-argument` */
function chosen(environments: readonly EnvironmentPlan[], name: unknown): readonly EnvironmentPlan[] {
  const found = environments.filter(environment => name === undefined || environment.name === name)
  if (found.length > 0) return found
  const names = environments.map(environment => environment.name)
  const there = names.length === 0 ? 'none is defined' : `there are ${names.join(', ')}`
  throw new StoreError(
    'bad-argument',
    `there is no environment ${name === undefined ? 'to deploy' : `'${String(name)}'`}: ${there}; name one with -c env=<name>, or export it from a definition module`,
  )
}
