/** What analysts query: the views, the saved queries, and each question of docs/analysts.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { GetQueryResultsCommand } from '@aws-sdk/client-athena'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { publishViews } from '../../lib/aws/athena/publish-views.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import { namedQueries } from '../../lib/offline/analysts/named-queries.ts'
import { definitions } from '../golden/golden.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'
import { flightsStore } from './flights-store.ts'

const NOW = Date.parse('2014-01-02T12:00:00Z')

let aws: AwsWorld
beforeAll(async () => {
  aws = awsWorld()
  await flightsStore(aws, NOW)
})
afterAll(() => aws.close())

const publish = (plan: Parameters<typeof publishViews>[1]) =>
  publishViews({ engine: aws.engine, glue: aws.glue, database: aws.database }, plan)

describe('the saved queries of the example', () => {
  const [freshness, ...others] = namedQueries(compile(definitions))

  it('report the freshness of each view', async () => {
    const rows = await aws.engine.rows(freshness?.sql ?? '')
    expect(rows).toHaveLength(9)
    expect(rows.find(row => row['view'] === 'airport_weather')).toMatchObject({
      rows: 2_159n,
      entities: 3n,
      newest_event: BigInt(Date.parse('2013-12-30T23:00:00Z')) * 1_000n,
      newest_created: BigInt(NOW) * 1_000n,
    })
  })

  it.each(others)('$name', async ({ name, sql }) => {
    const [, , ...rows] = (await printed(sql)).split('\n')
    expect(rows.length > 0).toBe(!name.endsWith(': corrections'))
  })
})

describe('the analyst views', () => {
  const meter = entity({ name: 'meter', joinKeys: { meter: 'string' } })
  const source = fileSource({ name: 'power', path: 'power.parquet', eventTimestamp: 'at' })
  const load = (version: number, features: Readonly<Record<string, 'int64'>>) =>
    featureView({ name: 'load', version, entities: [meter], source, features })
  const first = compile([load(1, { watts: 'int64' })])
  const both = compile([load(1, { watts: 'int64' }), load(2, { watts: 'int64', volts: 'int64' })])

  /** A row of version 1 as it comes; `watts` is its hash too, so that the greater wins a tie. */
  const rowsOf = (...rows: readonly (readonly [string, string, string, number])[]) =>
    `select * from (values ${rows.map(([m, event, created, watts]) => `('${m}', timestamp '${event}', timestamp '${created}', '${watts}', bigint '${watts}')`).join(', ')}) t (meter, event_timestamp, created_timestamp, row_hash, watts)`
  const watts = async (name: string) =>
    (await aws.engine.rows(`select watts from ${name} order by watts`)).map(row => row['watts'])

  it('show the newest valid row of each entity and its whole history', async () => {
    const [view] = Object.values(first.views)
    if (view === undefined) throw new Error('the plan has no view')
    const sql = rowsOf(
      ['a', '2024-01-01', '2024-01-05', 1],
      ['a', '2024-01-02', '2024-01-02', 2],
      ['a', '2024-01-02', '2024-01-03', 3],
      ['a', '2024-01-02', '2024-01-03', 4],
      ['a', '2999-01-01', '2024-01-01', 5],
      ['b', '2024-01-01', '2024-01-01', 6],
    )
    await aws.offline.append(view, { id: 'x', created: 0n, rows: () => sql })
    await publish(first)
    expect(await watts('load')).toEqual([4n, 6n])
    expect(await watts('load_history')).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
    const columns = await aws.engine.columns('select * from load_history')
    expect(columns.map(({ name }) => name)).toEqual([
      'meter',
      'event_timestamp',
      'created_timestamp',
      'watts',
    ])
  })

  it('keep their names and read the next version after a change', async () => {
    for (const view of Object.values(both.views)) await aws.offline.prepare(view)
    await publish(both)
    await publish(both)
    const columns = await aws.engine.columns('select * from load')
    expect(columns.map(({ name }) => name)).toContain('volts')
    expect(await watts('load_history')).toEqual([])
  })

  it('do not replace a table or view that quern did not create', async () => {
    const [view] = Object.values(compile([{ ...load(1, { watts: 'int64' }), name: 'taken' }]).views)
    if (view === undefined) throw new Error('the plan has no view')
    await aws.offline.prepare(view)
    await aws.engine.run('create view "quern"."taken" as\nselect 1 as own')
    await expect(publish({ ...first, views: { [view.key]: view } })).rejects.toMatchObject({
      code: 'table-changed',
      message: expect.stringContaining('taken in database quern was not made by quern'),
    })
    expect(await aws.engine.rows('select * from taken')).toEqual([{ own: 1 }])
  })
})

describe('the questions of docs/analysts.md', () => {
  const file = new URL('../../docs/analysts.md', import.meta.url)
  const text = readFileSync(file, 'utf8')
  const questions = text
    .split(/^### /m)
    .slice(1)
    .map(section => ({
      title: section.slice(0, section.indexOf('\n')),
      sql: /```sql\n(.*?)\n```\n/s.exec(section)?.[1] ?? '',
      answer: /```\n\n(\|.*\|)\n/s.exec(section)?.[1] ?? '',
    }))

  it('are five', () => {
    expect(questions).toHaveLength(5)
  })

  it.each(questions)('$title', async ({ sql, answer }) => {
    const seen = await printed(sql)
    if (process.env['UPDATE_GOLDEN'] === '1') {
      const block = `\`\`\`sql\n${sql}\n\`\`\`\n`
      const standing = answer === '' ? block : `${block}\n${answer}\n`
      const written = readFileSync(file, 'utf8').replace(standing, () => `${block}\n${seen}\n`)
      writeFileSync(file, written)
    } else expect(answer).toBe(seen)
  })
})

/** A result in Athena's format and order, as a Markdown table. */
async function printed(sql: string): Promise<string> {
  const { id } = await aws.engine.run(sql)
  const { ResultSet: set } = await aws.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
  const lines = (set?.Rows ?? []).map(({ Data = [] }) => Data.map(datum => datum.VarCharValue ?? ''))
  const rule = lines[0]?.map(() => '---') ?? []
  return lines
    .toSpliced(1, 0, rule)
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}
