/** A failed query reports Athena's reason, the query id and a remedy. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AthenaQueryError } from '../../lib/aws/athena/athena-query-error.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let world: AwsWorld
beforeAll(() => {
  world = awsWorld()
})
afterAll(() => world.close())

async function failureOf(work: Promise<unknown>): Promise<AthenaQueryError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof AthenaQueryError) return error
  throw error
}

const LONG = `select count(*) from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 10000)) b(y), unnest(sequence(1, 10000)) c(z) where x * y % 7 = z % 5`

describe('a query that', () => {
  it.each([
    ['is no SQL', 'select from where', /SYNTAX_ERROR/],
    ['asks for a column that is not there', 'select nope from (values 1) t(a)', /COLUMN_NOT_FOUND.*'nope'/],
    ['asks for a table that is not there', 'select * from no_such_table', /TABLE_NOT_FOUND.*no_such_table/],
    ['divides by zero', 'select 1 / (n - n) as a from (values 1) t(n)', /DIVISION_BY_ZERO/],
  ])('%s', async (_what, sql, reason) => {
    const error = await failureOf(world.engine.rows(sql))
    expect(error).toMatchObject({ code: 'failed', retryable: false })
    expect(error.reason).toMatch(reason)
    expect(error.message).toContain(`Athena query ${error.queryId} (failed)`)
    expect(error.message).toContain('correct the query')
  })

  it('runs too long is stopped and reported', async () => {
    const error = await failureOf(world.engineWith({ patienceMs: 300 }).run(LONG))
    expect(error).toMatchObject({ code: 'limit', retryable: false })
    expect(error.reason).toContain('300 ms')
  })

  it("is longer than Athena's limit is not sent", async () => {
    const error = await failureOf(world.engine.rows(`select '${'x'.repeat(262_144)}'`))
    expect(error).toMatchObject({ code: 'too-long', queryId: null })
  })

  it('has an unsupported type is refused', async () => {
    await expect(world.engine.rows('select map(array[1], array[2]) as m')).rejects.toThrow(
      'map(integer, integer)',
    )
  })
})

it('a result by pages equals the same result by UNLOAD', async () => {
  const sql = `select n, array[cast(n as varchar), null, ', '] as list, timestamp '2024-01-01 00:00:00.123456' as at, X'00ff' as bytes
    from unnest(sequence(1, 2500)) t(n)`
  const few = await world.engine.rows(sql)
  const many = await world.engineWith({ maxPagedRows: 2_000 }).rows(sql)
  expect(few).toHaveLength(2500)
  expect(few[2499]).toEqual({
    n: 2500n,
    list: ['2500', null, ', '],
    at: 1_704_067_200_123_456n,
    bytes: new Uint8Array([0, 255]),
  })
  expect(many.toSorted((a, b) => Number(a['n']) - Number(b['n']))).toEqual(few)
})
