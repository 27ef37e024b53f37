/** Runs and pushed rows, as the templates have them. */
import { describe, expect, it } from '@jest/globals'
import { FULL, SHOP } from './stores.ts'
import { only, synthesize } from './synthesis.ts'

const full = synthesize(FULL, SHOP)

describe('materialization', () => {
  it('runs the very document, with the functions’ names put in', () => {
    const machine = only(full, 'AWS::StepFunctions::StateMachine')
    expect(machine).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    })
    expect(Object.keys(Object(machine['DefinitionSubstitutions'])).sort()).toEqual([
      'AdvanceWatermark',
      'IngestView',
      'ReportRun',
      'SelectLatestRows',
      'WriteChunk',
    ])
    expect(JSON.stringify(machine['DefinitionString'])).toContain('\\"MaxConcurrency\\":32')
  })

  it('starts by schedule, with a way out for what starts nothing', () => {
    const schedules = full.resources('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties)
    expect(schedules).toMatchObject([
      { ScheduleExpression: 'cron(0 6 ? * MON-FRI *)' },
      // A view over a stream that has no schedule of its own is ingested once a day.
      {
        ScheduleExpression: 'rate(1440 minutes)',
        Target: { Input: expect.stringContaining('"ingest":["visits@1"]') },
      },
      { ScheduleExpression: 'rate(60 minutes)', Target: { DeadLetterConfig: { Arn: expect.anything() } } },
    ])
  })

  it('starts when a batch of a table source has arrived, and when an event asks for it', () => {
    const rules = full.resources('AWS::Events::Rule').map(([, { Properties }]) => Properties)
    expect(rules.map(rule => rule['EventPattern'])).toMatchObject([
      { source: ['aws.states'], detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] } },
      { source: ['aws.s3'], detail: { object: { key: [{ wildcard: 'sources/orders/*_SUCCESS' }] } } },
      { source: ['aws.s3'], detail: { object: { key: [{ wildcard: 'sources/tickets/*_SUCCESS' }] } } },
      { source: ['quern'], 'detail-type': ['materialize'], resources: ['quern-full'] },
      // Records of a stream that could not be written, as Lambda lays them into the bucket.
      { source: ['aws.s3'], detail: { object: { key: [{ prefix: 'aws/lambda/' }] } } },
    ])
  })

  it('waits for its tables', () => {
    const [, machine] = full.template('materialization').toJSON()['Resources']
      ? (Object.entries(
          full.template('materialization').findResources('AWS::StepFunctions::StateMachine'),
        )[0] ?? [])
      : []
    expect(Object(machine).DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^MaterializationTables/)]),
    )
  })
})

describe('push', () => {
  it('retries ever smaller batches of each stream, and sets aside what cannot be written', () => {
    const mappings = full.resources('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)
    // The store's own stream, and the one that the shop's clicks are on.
    expect(mappings).toHaveLength(2)
    for (const mapping of mappings)
      expect(mapping).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: 10,
        StartingPosition: 'TRIM_HORIZON',
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      })
    expect(only(full, 'AWS::Kinesis::Stream')).toMatchObject({
      ShardCount: 4,
      StreamEncryption: { EncryptionType: 'KMS' },
    })
  })

  it('delivers into a folder for each view or stream, also what was on its way under the old name', () => {
    expect(only(full, 'AWS::KinesisFirehose::DeliveryStream', 'push/')).toMatchObject({
      ExtendedS3DestinationConfiguration: {
        Prefix: 'pushed/!{partitionKeyFromQuery:key}/!{timestamp:yyyy-MM-dd}/',
        DynamicPartitioningConfiguration: { Enabled: true },
        ProcessingConfiguration: {
          Processors: [
            {
              Parameters: expect.arrayContaining([
                {
                  ParameterName: 'MetadataExtractionQuery',
                  // jq takes an alternative as a value only in parentheses.
                  ParameterValue: '{key: (.quern_key // .view)}',
                },
              ]),
            },
          ],
        },
      },
    })
  })
})
