/** Quotas at their edges, on templates made for that. */
import { describe, expect, it } from '@jest/globals'
import { templateFaults } from '../../../lib/infrastructure/parts/template-limits.ts'

const resources = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`R${i}`, { Type: 'AWS::SQS::Queue' }]))
const one = (Type: string, property: string, value: unknown) => ({
  Resources: { Thing: { Type, Properties: { [property]: value } } },
})
/** With its quotes, so many bytes of JSON. */
const text = (bytes: number) => 'x'.repeat(bytes)

describe('a template', () => {
  it.each([
    [
      '500 resources',
      { Resources: resources(500) },
      { Resources: resources(501) },
      /501 resources; AWS takes 500/,
    ],
    [
      'a megabyte',
      one('AWS::SQS::Queue', 'Text', text(900_000)),
      one('AWS::SQS::Queue', 'Text', text(1_000_000)),
      /bytes; AWS takes 1000000/,
    ],
    [
      'a parameter of 4 KB',
      one('AWS::SSM::Parameter', 'Value', text(4_096)),
      one('AWS::SSM::Parameter', 'Value', { 'Fn::Join': ['', [text(4_097), { Ref: 'X' }]] }),
      /4097 bytes in Value of AWS::SSM::Parameter Thing; AWS takes 4096/,
    ],
    [
      'a function’s environment of 4 KB',
      one('AWS::Lambda::Function', 'Environment', { Variables: { A: text(4_000) } }),
      one('AWS::Lambda::Function', 'Environment', { Variables: { A: text(4_096) } }),
      /Environment of AWS::Lambda::Function/,
    ],
    [
      'a managed policy of 6,144 characters',
      one('AWS::IAM::ManagedPolicy', 'PolicyDocument', { Statement: [text(6_000)] }),
      one('AWS::IAM::ManagedPolicy', 'PolicyDocument', { Statement: [text(6_144)] }),
      /PolicyDocument of AWS::IAM::ManagedPolicy/,
    ],
  ])('of %s fits, and a larger one is told', (_what, fits, beyond, told) => {
    expect(templateFaults('s', fits)).toEqual([])
    expect(templateFaults('s', beyond)).toEqual([expect.stringMatching(told)])
  })
})
