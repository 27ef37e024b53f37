/**
 * Grants as IAM policies, evaluated by an independent evaluator; the oracle and the serving path must give the same
 * decision.
 */
import { describe, expect, it } from '@jest/globals'
import { policiesOf } from '../../lib/online/access/iam-policy.ts'
import { type AccessCase, accessCase, TABLE } from '../oracle/generate-access.ts'
import { mayRead, type NaiveConsumer, type TableRequest } from '../oracle/naive-access.ts'
import { random } from '../oracle/random.ts'
import { serving } from '../oracle/serve-access.ts'
import { type Evaluation, evaluate } from './iam-evaluator.ts'

const CASES = 120

/** Condition keys that DynamoDB sends to IAM; missing keys are absent. */
function contextOf({ keys, attributes, select }: TableRequest): Evaluation['context'] {
  return {
    ...(keys === undefined ? {} : { 'dynamodb:LeadingKeys': keys }),
    ...(attributes === undefined ? {} : { 'dynamodb:Attributes': attributes }),
    ...(select === undefined ? {} : { 'dynamodb:Select': select }),
  }
}

interface Judged {
  readonly seed: number
  readonly consumer: NaiveConsumer
  readonly request: TableRequest
  readonly allowed: boolean
  readonly evaluation: Evaluation
}

/** A pair of a consumer and a request, as the oracle and the serving path judge it. */
type Pair = Pick<Judged, 'consumer' | 'request'> & { readonly served?: boolean }

/** What a consumer asks the serving path for, asked of the table itself as well. */
async function bothWays(one: AccessCase): Promise<readonly Pair[]> {
  const serve = serving(one)
  return Promise.all(
    one.questions.map(async ({ consumer, references: [first = '', ...others] }) => {
      const [view = ''] = first.split(':')
      const mine = [first, ...others].filter(reference => reference.startsWith(`${view}:`))
      const attributes = ['pk', ...mine.map(reference => reference.slice(view.length + 1))]
      const request: TableRequest = { action: 'GetItem', table: TABLE, keys: [`${view}|x`], attributes }
      const { sights } = await serve(consumer, mine)
      return { consumer, request, served: sights.length > 0 && sights.every(sight => sight === 'clear') }
    }),
  )
}

async function judged(seed: number): Promise<readonly Judged[]> {
  const one = accessCase(random(seed))
  const pairs: readonly Pair[] = [...(await bothWays(one)), ...one.requests]
  return pairs.map(({ consumer, request, served }) => {
    const known = one.plan.consumers[consumer.name]
    if (known === undefined) throw new Error(`seed ${seed}: the plan has no ${consumer.name}`)
    const allowed = mayRead(consumer, one.pii, TABLE, request)
    expect(served ?? allowed).toBe(allowed)
    const evaluation = {
      principal: consumer.principal,
      policies: policiesOf(one.plan, known, TABLE),
      action: `dynamodb:${request.action}`,
      resource: request.table,
      context: contextOf(request),
    }
    return { seed, consumer, request, allowed, evaluation }
  })
}

const everything = async (): Promise<readonly Judged[]> =>
  (await Promise.all(Array.from({ length: CASES }, (_, seed) => judged(seed)))).flat()

describe('grants as IAM policies', () => {
  it('allow exactly what the oracle allows', async () => {
    const all = await everything()
    const results = await evaluate(all.map(({ evaluation }) => evaluation))
    const wrong = all.flatMap(({ seed, consumer, request, allowed }, i) =>
      results[i] === (allowed ? 'Allowed' : 'ImplicitlyDenied')
        ? []
        : [{ seed, consumer: consumer.name, request, allowed, result: results[i] }],
    )
    expect(wrong).toEqual([])
    const allowed = all.filter(one => one.allowed).length
    expect(all.length).toBe(CASES * 16)
    expect(allowed).toBeGreaterThan(all.length / 4)
    expect(all.length - allowed).toBeGreaterThan(all.length / 4)
  })

  it('would allow a scan and whole items without the guards against absent keys', async () => {
    const unguarded = (evaluation: Evaluation): Evaluation => ({
      ...evaluation,
      policies: evaluation.policies.map(policy => ({
        ...policy,
        Statement: policy.Statement.map(({ Condition: { Null: _, ...Condition }, ...statement }) => ({
          ...statement,
          Condition,
        })),
      })),
    })
    const whole = (await everything()).filter(
      ({ request }) => request.attributes === undefined && request.select === undefined,
    )
    const results = await evaluate(whole.map(({ evaluation }) => unguarded(evaluation)))
    expect(results).toContain('Allowed')
  })
})
