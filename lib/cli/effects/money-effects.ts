/** What a change of definitions costs in an environment: once, and by month after it. */
import type { PlanReport } from '../../change/plan-report.ts'
import { monthlyEstimate } from '../../cost/monthly-estimate.ts'
import { onceCost } from '../../cost/once.ts'
import { type Overspent, overspent } from '../../cost/owner-dollars.ts'
import { idle, type Workload } from '../../cost/workload.ts'
import { dollars, readWorkload } from '../commands/cost.ts'
import { moneyTexts } from '../print/money-text.ts'
import { unpricedRegion } from '../print/unpriced-region.ts'
import type { PlanAndEnvironment } from '../project/load-environment.ts'
import { backfillRows } from './backfill-rows.ts'

export interface MoneyOptions {
  readonly project: string
  /** A file, see lib/cost/workload.ts. @default the store idles */
  readonly workload?: string
  /** Null: not known, or there was no such environment. */
  readonly was: PlanAndEnvironment | null
  readonly is: PlanAndEnvironment
  readonly report: PlanReport
}

export interface MoneyEffects {
  readonly lines: readonly string[]
  /** Views and services that are dearer than their definitions allow. */
  readonly overspent: readonly string[]
}

/** @throws {StoreError} `bad-argument` if the workload is none of these definitions */
export async function moneyEffects({ project, is, report, ...of }: MoneyOptions): Promise<MoneyEffects> {
  const unpriced = unpricedRegion(is.environment.region)
  if (unpriced !== null) return { lines: [`${unpriced}; monthlyCost is not held to them`], overspent: [] }
  const was = of.was === null || unpricedRegion(of.was.environment.region) !== null ? null : of.was
  const given = of.workload === undefined ? null : await readWorkload(of.workload, is.plan, was?.plan)
  const workload = given ?? idle(is.plan)
  const now = monthlyEstimate({ ...is, workload })
  const rows = await backfillRows({ project, plan: is.plan, effects: report.data, workload: given })
  const lines = moneyTexts({
    was:
      was === null ? null : monthlyEstimate({ ...was, workload: await workloadThen(of.workload, was, is) }),
    is: now,
    rows,
    once: onceCost({ ...is, backfills: rows.filter(one => typeof one !== 'string') }),
    isLoaded: given !== null,
  })
  return { lines, overspent: overspent(is.plan, now).map(overspentText) }
}

/** The same work, as far as there was something to do it. */
const workloadThen = async (
  path: string | undefined,
  was: PlanAndEnvironment,
  is: PlanAndEnvironment,
): Promise<Workload> => (path === undefined ? idle(was.plan) : readWorkload(path, was.plan, is.plan))

const overspentText = ({ owner, monthlyCost, dollars: sum }: Overspent): string =>
  `${owner} would cost ${dollars(sum)} a month, and its monthlyCost is ${dollars(monthlyCost)}: allow more, run it less often, or have it read less`
