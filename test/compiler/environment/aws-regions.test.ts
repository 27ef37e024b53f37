/**
 * Compares the table of regions with that of the AWS CDK, and checks the plan against the partitions of environments.
 */
import { describe, expect, it } from '@jest/globals'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import { consumer, streamSource } from 'quern'
import { compile } from '../../../lib/compiler/compile.ts'
import { PARTITIONS, partitionOfRegion, REGIONS } from '../../../lib/compiler/environment/aws-regions.ts'
import { weather } from '../example.ts'
import { changed, mistakesUnder } from '../mistakes/environments.ts'

describe('the table of regions', () => {
  it('contains each region of the AWS CDK, in the same partition', () => {
    const table = Object.fromEntries(REGIONS.map(region => [region, partitionOfRegion(region)]))
    expect(table).toEqual(
      Object.fromEntries(RegionInfo.regions.map(({ name, partition: own }) => [name, own])),
    )
  })

  it('contains no region twice', () => {
    expect(Object.values(PARTITIONS).flat()).toHaveLength(REGIONS.length)
  })
})

const role = (partitionName: string) => `arn:${partitionName}:iam::123456789012:role/scorer`
const reader = (...principals: readonly string[]) =>
  compile([weather, consumer({ name: 'c', principals, grants: [weather] })])

describe('a principal', () => {
  it('is reported if no environment is in its partition', () => {
    expect(mistakesUnder(reader(role('aws-cn')), [changed({})])).toMatchObject([
      { code: 'other-partition', path: 'consumer c › principals', got: `'${role('aws-cn')}'` },
    ])
  })

  it('is accepted in the partition of any environment, because a consumer may have a role in each', () => {
    const china = changed({ name: 'cn', region: 'cn-north-1' })
    expect(mistakesUnder(reader(role('aws'), role('aws-cn')), [changed({}), china])).toEqual([])
  })
})

it('the compiler reports more principals of other accounts than one role can trust', () => {
  const roles = Array.from({ length: 60 }, (_, i) => `arn:aws:iam::210987654321:role/scorer-${i}`)
  expect(mistakesUnder(reader(...roles), [changed({})])).toMatchObject([
    { code: 'too-many-principals', path: 'consumer c › principals', got: '60 principals' },
  ])
  expect(mistakesUnder(reader(...roles), [changed({ account: '210987654321' })])).toEqual([])
})

it('the compiler reports a stream source with the name of the store’s own stream', () => {
  const source = streamSource({
    name: 'clicks',
    schema: { airport: 'string' },
    eventTimestamp: 'at',
    eventId: ['airport'],
    stream: 'quern-dev-pushed',
  })
  expect(mistakesUnder(compile([source]), [changed({})])).toMatchObject([
    { code: 'reserved-name', path: 'source clicks › stream' },
  ])
})
