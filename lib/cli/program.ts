/** The command line: every command registers its own arguments and options. */
import { Command } from 'commander'
import { type DefineCommand, project } from './arguments/shared-options.ts'
import { registerApprove } from './commands/approve.ts'
import { registerCheck } from './commands/check.ts'
import { registerCodeowners } from './commands/codeowners.ts'
import { registerCost } from './commands/cost.ts'
import { registerGenerate } from './commands/generate.ts'
import { registerGet } from './commands/get.ts'
import { registerIngest } from './commands/ingest.ts'
import { registerLeaks } from './commands/leaks.ts'
import { registerDeprecate, registerRestore, registerRetire } from './commands/lifecycle.ts'
import { registerMaterialize } from './commands/materialize.ts'
import { registerPlan } from './commands/plan.ts'
import { registerPurge } from './commands/purge.ts'
import { registerPush } from './commands/push.ts'
import { registerRebuild } from './commands/rebuild.ts'
import { registerRepair } from './commands/repair.ts'
import { registerReset } from './commands/reset.ts'
import { registerRollout } from './commands/rollout.ts'
import { registerReplay, registerSkewCheck } from './commands/skew-check.ts'
import { registerStart } from './commands/start.ts'
import { registerStatus } from './commands/status.ts'
import { registerTrainingSet } from './commands/training-set.ts'
import { exitCodesHelp } from './exit-codes.ts'

/** In the order of `--help`. */
const BEFORE_ROLLOUT: readonly ((define: DefineCommand) => void)[] = [
  registerCheck,
  registerPlan,
  registerApprove,
  registerCodeowners,
  registerDeprecate,
  registerRetire,
  registerPurge,
  registerRestore,
  registerStart,
  registerIngest,
  registerMaterialize,
  registerRebuild,
  registerRepair,
  registerReset,
  registerTrainingSet,
  registerLeaks,
  registerSkewCheck,
  registerGet,
  registerGenerate,
  registerPush,
]
const AFTER_ROLLOUT = [registerStatus, registerCost]

export function program(): Command {
  const quern = new Command('quern')
    .description('Feature definitions in TypeScript, compiled into a feature store.')
    .addHelpText('after', exitCodesHelp)
    .showHelpAfterError('(see --help)')
    .exitOverride()
  const defineWith =
    (hidden: boolean): DefineCommand =>
    (name, description) =>
      quern
        .command(name, { hidden })
        .description(description)
        .addOption(project())
        .addHelpText('after', exitCodesHelp)
  for (const register of BEFORE_ROLLOUT) register(defineWith(false))
  registerRollout(quern, exitCodesHelp)
  for (const register of AFTER_ROLLOUT) register(defineWith(false))
  registerReplay(defineWith(true))
  return quern
}
