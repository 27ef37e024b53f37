/** What holds data is the same resource in every deploy: another id, or another name, would be another, empty one. */
import { describe, expect, it } from '@jest/globals'
import { compile } from '../../lib/compiler/compile.ts'
import { synthesize } from './synthesis.ts'

const STATEFUL = {
  'offline/Key': 'AWS::KMS::Key',
  'offline/Bucket': 'AWS::S3::Bucket',
  'offline/LogBucket': 'AWS::S3::Bucket',
  'offline/Database': 'AWS::Glue::Database',
  'online/Table': 'AWS::DynamoDB::GlobalTable',
  'online/MaskSecret': 'AWS::SecretsManager::Secret',
  'online/PushStream': 'AWS::Kinesis::Stream',
}

/** Types of AWS that hold what nobody can make again. */
const HOLDS_DATA =
  /^AWS::(KMS::Key|S3::Bucket|Glue::(Database|Table)|DynamoDB::\w+|SecretsManager::Secret|Kinesis::Stream|SQS::Queue)$/

const retained = synthesize({ replicas: ['eu-west-1'] })
const trial = synthesize({ removal: 'destroy' })

describe('a resource with data', () => {
  it.each(Object.entries(STATEFUL))('is %s, a %s, for ever', (id, type) => {
    const found = new Map(retained.resources())
    expect(found.get(id)?.Type).toBe(type)
  })

  it('is one of these, but for a dead letter', () => {
    const found = retained
      .resources()
      .filter(([id, { Type }]) => HOLDS_DATA.test(Type) && !id.startsWith('replica-'))
      .filter(([, { Type }]) => Type !== 'AWS::SQS::Queue')
    expect(Object.fromEntries(found.map(([id, { Type }]) => [id, Type]))).toEqual(STATEFUL)
  })

  it.each(Object.keys(STATEFUL))('%s outlives its stack, and its replacement', id => {
    expect(new Map(retained.resources()).get(id)).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    })
  })

  it.each(Object.keys(STATEFUL))('%s goes with a stack for trials', id => {
    expect(new Map(trial.resources()).get(id)).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    })
  })

  it('has a name that says where it is', () => {
    const names = retained
      .resources()
      .flatMap(([, { Properties }]) => Properties['TableName'] ?? Properties['BucketName'] ?? [])
    expect(names).toEqual([
      { 'Fn::Join': ['', ['quern-trial-', { Ref: 'AWS::AccountId' }, '-eu-central-1-logs']] },
      { 'Fn::Join': ['', ['quern-trial-', { Ref: 'AWS::AccountId' }, '-eu-central-1']] },
      'quern-trial-online',
    ])
  })

  it('lies in a stack that cannot be deleted by accident', () => {
    const { stacks } = retained
    const guarded = Object.values(stacks).filter(stack => stack.terminationProtection)
    expect(guarded.map(({ node }) => node.id).sort()).toEqual(['offline', 'online', 'replica-eu-west-1'])
    expect(Object.values(trial.stacks).filter(stack => stack.terminationProtection)).toEqual([])
  })

  it('is in a stack that the plan does not touch', () => {
    const other = synthesize({ replicas: ['eu-west-1'] }, compile([]))
    for (const part of ['offline', 'online', 'replica-eu-west-1'])
      expect(other.template(part).toJSON()).toStrictEqual(retained.template(part).toJSON())
  })

  it('has its key kept beside it where it is replicated', () => {
    expect(retained.template('replica-eu-west-1').toJSON()).toMatchObject({
      Resources: { Key: { Type: 'AWS::KMS::Key', DeletionPolicy: 'Retain' } },
    })
  })
})
