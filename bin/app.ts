/** The infrastructure's door: the project's definitions as CDK stacks, for one environment (`-c env=dev`) or all of them. */
import { App } from 'aws-cdk-lib'
import { loadDefinitions } from '../lib/cli/project/load-definitions.ts'
import { otherMistakes } from '../lib/cli/project/load-environment.ts'
import { compileLocked } from '../lib/cli/project/project-lock.ts'
import { CompileError } from '../lib/compiler/diagnostics/diagnostics.ts'
import {
  compileEnvironments,
  compileNamedEnvironment,
} from '../lib/compiler/environment/compile-environment.ts'
import { FeatureStore } from '../lib/infrastructure/feature-store.ts'
import { TemplateLimitError, templateFaults } from '../lib/infrastructure/parts/template-limits.ts'
import { PolicyTooLargeError, TooManyPoliciesError } from '../lib/online/access/iam-policy.ts'
import type { EnvironmentPlan } from '../lib/plan/environment-plan.ts'
import type { Plan } from '../lib/plan/plan.ts'
import { StoreError } from '../lib/store-error.ts'

try {
  const app = new App()
  const project = String(app.node.tryGetContext('project') ?? process.cwd())
  const exported = await loadDefinitions(project)
  const plan = await compileLocked(project, exported)
  for (const environment of chosen(exported, plan, app.node.tryGetContext('env')))
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

/** One that is named does not wait for the others to be right. @throws {StoreError} `bad-argument` */
function chosen(exported: readonly unknown[], plan: Plan, name: unknown): readonly EnvironmentPlan[] {
  if (name === undefined) {
    const all = compileEnvironments(exported, plan)
    return all.length > 0 ? all : refuse('to deploy', [])
  }
  const { environment, names, others } = compileNamedEnvironment(exported, plan, String(name))
  if (others.length > 0) process.stderr.write(`quern: ${otherMistakes(String(name), others)}\n`)
  return environment === null ? refuse(`'${String(name)}'`, names) : [environment]
}

function refuse(which: string, names: readonly string[]): never {
  const there = names.length === 0 ? 'none is defined' : `there are ${names.join(', ')}`
  throw new StoreError(
    'bad-argument',
    `there is no environment ${which}: ${there}; name one with -c env=<name>, or export it from a definition module`,
  )
}
