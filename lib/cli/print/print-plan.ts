/** The plan's columns as a person reads them, thing by thing. */
import { type Change, describeChange, subjectText } from '../../change/change.ts'
import type { DataEffect } from '../../change/data-effects.ts'
import type { Impact, PlanReport } from '../../change/plan-report.ts'
import { durationText } from '../../text/duration-text.ts'

export function planText({ changes, data, consumers, infrastructure, money }: PlanReport): string {
  const things = Map.groupBy(changes, ({ of }) => subjectText(of))
  const followers = data.filter(({ of }) => !things.has(`view ${of}`))
  const blocks = [
    ...[...things].map(([thing, found]) => [
      thing,
      ...found.flatMap(changeLines),
      ...column('data', data.filter(({ of }) => `view ${of}` === thing).map(dataText)),
      ...column('consumers', impactTexts(consumers.filter(({ change }) => found.includes(change)))),
    ]),
    ...followers.map(effect => [`view ${effect.of}`, ...column('data', [dataText(effect)])]),
    ...(infrastructure === undefined ? [] : [['infrastructure', ...infrastructure.map(line => `  ${line}`)]]),
    ...(money === undefined ? [] : [['money', ...money.map(line => `  ${line}`)]]),
  ]
  return blocks.map(block => block.join('\n')).join('\n\n')
}

const MARKS = { compatible: '+', breaking: '!', refused: '✗' } as const

const changeLines = (change: Change): readonly string[] => [
  `  ${MARKS[change.class]} ${describeChange(change)
    .slice(subjectText(change.of).length)
    .replace(/^( › |: )/, '')}`,
  ...change.diff.map(line => `      ${line}`),
]

const column = (title: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, i) => `  ${(i === 0 ? title : '').padEnd(10)} ${line}`)

/** Each who once for each thing that is to be done. */
function impactTexts(impacts: readonly Impact[]): readonly string[] {
  const texts = impacts.flatMap(({ who, must }) => (must === null ? [] : [`${who}: ${must}`]))
  return [...new Set(texts)]
}

export function dataText({ table, standing, columns, backfill, online }: DataEffect): string {
  const first = {
    new: `table ${table} is new (${columns.join(', ')})`,
    'gets columns': `table ${table} gets ${columns.join(', ')}; rows that stand have null there`,
    stays: `table ${table} stays as it is`,
    kept: `table ${table} is kept, for what was trained on it; items expire by their ttl, those without one stay`,
  }[standing]
  return [first, ...backfillTexts(backfill, standing), ...onlineTexts(online)].join('; ')
}

function backfillTexts(
  backfill: DataEffect['backfill'],
  standing: DataEffect['standing'],
): readonly string[] {
  if (backfill === null) return []
  const { columns, servingMs } = backfill
  const what = {
    new: 'quern ingest computes all rows of its source',
    'gets columns': `quern ingest computes all rows of its source again, for ${columns.join(', ')}; all else comes out as it is`,
    stays: 'quern ingest takes the rows that the view it reads gets',
    kept: '',
  }[standing]
  const serving =
    servingMs === null ? [] : [`serving alone needs those of the last ${durationText(servingMs)}`]
  return [what, ...serving]
}

const onlineTexts = (online: DataEffect['online']): readonly string[] =>
  ({
    nothing: [],
    'new rows': ['quern materialize puts them online'],
    all: ['quern materialize puts the newest row of each entity online'],
  })[online]
