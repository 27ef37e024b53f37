/** What docs/aws.md says and shows of the templates is what they are. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { drawn } from '../../docs/picture/index.ts'
import { FULL, SHOP } from '../infrastructure/stores.ts'
import { plan, synthesize } from '../infrastructure/synthesis.ts'

const doc = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const text = doc('aws.md')
const section = (title: string): string => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

describe('docs/aws.svg', () => {
  it('is drawn from the templates as they are: node docs/picture/index.ts', () => {
    expect(drawn()).toBe(doc('aws.svg'))
  })

  it('shows every function, and who calls it', () => {
    const functions = synthesize({})
      .resources('AWS::Lambda::Function')
      .map(([, { Properties }]) => String(Properties['FunctionName']).replace('quern-trial-', ''))
    for (const name of functions) expect(doc('aws.svg')).toContain(`>${name}</text>`)
  })
})

describe('docs/aws.md', () => {
  const full = synthesize(FULL, SHOP)

  it('names every service that a deploy needs', () => {
    const services = new Set(full.resources().map(([, { Type }]) => Type.split('::')[1] ?? Type))
    const line = section('Who may do what')
      .split('\n')
      .find(one => one.includes('as CloudFormation names them'))
    const named = [...(line ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)
    expect(named.sort()).toEqual([...services].sort())
  })

  it('counts the resources that no plan changes', () => {
    const own = /\| all else \| (\d+),/.exec(section('How large a plan can be'))?.[1]
    const store = synthesize({ canary: 'all-at-once' })
    const made = store
      .resources()
      .filter(([path, { Type }]) => Type === 'AWS::Scheduler::Schedule' || /(Slow|Failing|Stale)/.test(path))
    expect(made.length).toBeGreaterThan(Object.keys(plan.views).length)
    expect(store.resources().length - made.length).toBe(Number(own))
  })

  it('tells what each field of an environment is', () => {
    const rows = [...section('Environments').matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field)
    const fields = readFileSync(new URL('../../lib/definition/environment.ts', import.meta.url), 'utf8')
      .split('export interface EnvironmentProps {')[1]
      ?.split('\n}')[0]
    const declared = [...(fields ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field)
    expect(rows.sort()).toEqual(declared.sort())
  })

  it('names every alarm', () => {
    const told = section('What it shows of itself')
    const alarms = full
      .resources('AWS::CloudWatch::Alarm')
      .map(([path]) => /(?:Monitoring|Rollout(?:Book)?)(.+)[0-9A-F]{8}$/.exec(path)?.[1] ?? path)
    const kinds = new Set(
      alarms.map(name => /^(Slow|Failing|Stale|Throttled|Behind|Rejected)/.exec(name)?.[1] ?? name),
    )
    expect([...kinds].filter(kind => !told.includes(`*${kind}*`))).toEqual([])
    expect(kinds.size).toBeGreaterThan(15)
  })
})
