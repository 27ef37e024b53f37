/** What an environment asks for, as the templates have it. */
import { describe, expect, it } from '@jest/globals'
import { consumer, streamSource } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { FULL, SHOP } from './stores.ts'
import { only, type Synthesis, synthesize } from './synthesis.ts'

const example = synthesize({})
const full = synthesize(FULL, SHOP)

const variables = (store: Synthesis, path: string) =>
  Object(only(store, 'AWS::Lambda::Function', path)['Environment']).Variables

describe('the offline store', () => {
  it('is encrypted with its own key, versioned, closed, logged, and tells EventBridge', () => {
    const [, bucket] = example.resources('AWS::S3::Bucket').find(([id]) => id === 'offline/Bucket') ?? []
    expect(bucket?.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': ['Key', 'Arn'] },
            },
          },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LoggingConfiguration: { LogFilePrefix: 's3/' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LifecycleConfiguration: {
        Rules: [
          { NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
          { Prefix: 'scratch/', ExpirationInDays: 7 },
          { Prefix: 'athena-results/', ExpirationInDays: 30 },
        ],
      },
    })
  })

  it('holds every query to its workgroup', () => {
    expect(only(synthesize({ scanLimitBytes: 5e9 }), 'AWS::Athena::WorkGroup')).toMatchObject({
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        PublishCloudWatchMetricsEnabled: true,
        BytesScannedCutoffPerQuery: 5e9,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
      },
    })
  })

  it('has no table that CloudFormation could replace', () => {
    expect(example.resources('AWS::Glue::Table')).toEqual([])
  })

  it('gets its tables at each deploy of another plan', () => {
    expect(only(example, 'AWS::CloudFormation::CustomResource')).toMatchObject({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/PrepareStore/), 'Arn'] },
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})

describe('the online store', () => {
  it('is on demand, restorable, encrypted, and expires by itself', () => {
    expect(only(example, 'AWS::DynamoDB::GlobalTable')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      Replicas: [
        {
          Region: 'eu-central-1',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    })
  })

  it('has a replica in each region that is named, with a key of that region', () => {
    const replicas = only(full, 'AWS::DynamoDB::GlobalTable')['Replicas']
    expect(replicas).toMatchObject([
      {
        Region: 'eu-west-1',
        DeletionProtectionEnabled: true,
        ContributorInsightsSpecification: { Enabled: true },
        SSESpecification: {
          KMSMasterKeyId: {
            'Fn::Join': [
              '',
              ['arn:', { Ref: 'AWS::Partition' }, ':kms:eu-west-1:123456789012:alias/quern-full'],
            ],
          },
        },
      },
      { Region: 'eu-central-1' },
    ])
    expect(full.template('replica-eu-west-1').findResources('AWS::KMS::Alias')).toEqual({
      KeyAlias910D852D: expect.objectContaining({
        Properties: expect.objectContaining({ AliasName: 'alias/quern-full' }),
      }),
    })
    expect(full.stacks['online']?.dependencies.map(({ node }) => node.id)).toContain('replica-eu-west-1')
  })
})

describe('DAX', () => {
  it('is not there unless it is asked for, nor is a network', () => {
    const kinds = new Set(example.resources().map(([, { Type }]) => Type.split('::')[1]))
    expect([...kinds]).not.toEqual(expect.arrayContaining(['DAX']))
    expect([...kinds]).not.toEqual(expect.arrayContaining(['EC2']))
    expect(variables(example, 'GetOnlineFeatures')).not.toHaveProperty('QUERN_DAX_ENDPOINT')
  })

  it('is encrypted, and as large as asked for', () => {
    expect(only(full, 'AWS::DAX::Cluster')).toMatchObject({
      ClusterName: 'quern-full',
      NodeType: 'dax.r5.large',
      ReplicationFactor: 3,
      SSESpecification: { SSEEnabled: true },
      ClusterEndpointEncryptionType: 'TLS',
    })
  })

  it('keeps an item for as long as serving believes', () => {
    expect(only(full, 'AWS::DAX::ParameterGroup')).toMatchObject({
      ParameterNameValues: { 'record-ttl-millis': '600000', 'query-ttl-millis': '600000' },
    })
    expect(variables(full, 'GetOnlineFeatures')).toMatchObject({
      QUERN_DAX_ENDPOINT: {
        'Fn::GetAtt': [expect.stringMatching(/DaxCluster/), 'ClusterDiscoveryEndpointURL'],
      },
      QUERN_DAX_ITEM_TTL_MS: '600000',
    })
  })

  it('reads no more than the views that go through it, and is reached by serving alone', () => {
    const [statement] = Object(only(full, 'AWS::IAM::Policy', 'DaxRole')['PolicyDocument']).Statement
    expect(statement).toMatchObject({
      Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['spent@1|*'] } },
    })
    expect(only(full, 'AWS::EC2::SecurityGroupIngress', 'Dax')).toMatchObject({
      FromPort: 9111,
      ToPort: 9111,
      SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/NetworkServing/), 'GroupId'] },
    })
  })
})

describe('a network', () => {
  it('that is new has private subnets without a way out, and ways to DynamoDB, S3, AppConfig and Data Firehose', () => {
    expect(only(full, 'AWS::EC2::VPC')).toMatchObject({ CidrBlock: '10.0.0.0/16' })
    expect(full.resources('AWS::EC2::Subnet')).toHaveLength(2)
    const ways = full
      .resources('AWS::EC2::VPCEndpoint')
      .map(([, { Properties }]) => JSON.stringify(Properties['ServiceName']))
    expect(ways).toEqual(
      ['dynamodb', 's3', 'appconfigdata', 'kinesis-firehose'].map(name =>
        expect.stringContaining(`.${name}"`),
      ),
    )
    for (const type of ['InternetGateway', 'NatGateway', 'Route'])
      expect(full.resources(`AWS::EC2::${type}`)).toEqual([])
  })

  it('that is given is only used', () => {
    const vpc = {
      vpcId: 'vpc-0123456a',
      subnetIds: ['subnet-0123456a', 'subnet-0123456b'],
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    }
    const given = synthesize({ vpc })
    expect(given.resources().filter(([, { Type }]) => /EC2::(VPC|Subnet|RouteTable)/.test(Type))).toEqual([])
    expect(only(given, 'AWS::Lambda::Function', 'GetOnlineFeatures')['VpcConfig']).toMatchObject({
      SubnetIds: ['subnet-0123456a', 'subnet-0123456b'],
    })
  })

  it('is for serving alone: batch functions have nothing to hide from', () => {
    const inside = full
      .resources('AWS::Lambda::Function')
      .filter(([, { Properties }]) => 'VpcConfig' in Properties)
    expect(inside.map(([id]) => id)).toEqual([expect.stringMatching(/GetOnlineFeatures/)])
  })
})

describe('serving', () => {
  it('lets in whom IAM knows, but for the probe of health', () => {
    const routes = example.resources('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties)
    expect(Object.fromEntries(routes.map(route => [route['RouteKey'], route['AuthorizationType']]))).toEqual({
      'POST /get-online-features': 'AWS_IAM',
      'POST /push/{source}': 'AWS_IAM',
      'GET /health': 'NONE',
      'GET /health/ready': 'AWS_IAM',
      'GET /openapi.json': 'AWS_IAM',
    })
  })

  it('is throttled and logged, without values', () => {
    const stage = only(full, 'AWS::ApiGatewayV2::Stage')
    expect(stage).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 75 },
    })
    expect(JSON.stringify(stage['AccessLogSettings'])).not.toMatch(/body|querystring|header/i)
  })

  it('runs on Node 24 on arm64, as all functions do', () => {
    const kinds = full
      .resources('AWS::Lambda::Function')
      .map(([, { Properties }]) => [Properties['Runtime'], Properties['Architectures']])
    expect(new Set(kinds.map(kind => JSON.stringify(kind)))).toEqual(new Set(['["nodejs24.x",["arm64"]]']))
  })

  it('keeps warm and reserves what is asked for', () => {
    expect(only(full, 'AWS::Lambda::Alias')).toMatchObject({
      Name: 'live',
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 },
    })
    expect(only(full, 'AWS::Lambda::Function', 'GetOnlineFeatures')).toMatchObject({
      ReservedConcurrentExecutions: 100,
    })
    expect(only(example, 'AWS::Lambda::Alias')).not.toHaveProperty('ProvisionedConcurrencyConfig')
  })

  it('moves to a new version step by step, and back by its alarms', () => {
    expect(only(full, 'AWS::CodeDeploy::DeploymentGroup')).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery1Minute',
      AlarmConfiguration: { Enabled: true, Alarms: [expect.anything(), expect.anything()] },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
      },
    })
    expect(synthesize({ canary: 'all-at-once' }).resources('AWS::CodeDeploy::DeploymentGroup')).toEqual([])
  })

  it('has the key of hashes from its secret, which no template knows', () => {
    expect(variables(example, 'GetOnlineFeatures')['QUERN_MASK_SECRET']).toBe(
      '{{resolve:secretsmanager:quern/trial/mask-key:SecretString:::}}',
    )
  })

  it('tells the command line where the store is', () => {
    expect(only(example, 'AWS::SSM::Parameter')).toMatchObject({ Name: '/quern/trial/store', Type: 'String' })
    const [, parts] = Object(only(example, 'AWS::SSM::Parameter')['Value'])['Fn::Join']
    const value = JSON.parse(parts.map((part: unknown) => (typeof part === 'string' ? part : 'x')).join(''))
    expect(Object.keys(value).sort()).toEqual([
      'apiUrl',
      'bucket',
      'database',
      'daxEndpoint',
      'format',
      'maskSecretArn',
      'planHash',
      'region',
      'rollouts',
      'stateMachineArn',
      'streamName',
      'table',
      'workGroup',
    ])
    expect(value).toMatchObject({
      format: 1,
      daxEndpoint: null,
      table: 'quern-trial-online',
      database: 'quern_trial',
    })
  })
})

describe('recorded answers', () => {
  it('are not there unless they are asked for', () => {
    expect(example.resources().filter(([id]) => /Recorded/.test(id))).toEqual([])
    expect(variables(example, 'GetOnlineFeatures')).not.toHaveProperty('QUERN_RECORD_SHARE')
  })

  it('go to a stream of their own, and from it to a folder for each service', () => {
    expect(variables(full, 'GetOnlineFeatures')).toMatchObject({
      QUERN_RECORD_SHARE: '0.25',
      QUERN_RECORD_STREAM: 'quern-full-recorded',
    })
    expect(only(full, 'AWS::KinesisFirehose::DeliveryStream', 'RecordedAnswers')).toMatchObject({
      DeliveryStreamName: 'quern-full-recorded',
      ExtendedS3DestinationConfiguration: {
        Prefix: 'recorded/!{partitionKeyFromQuery:key}/!{timestamp:yyyy-MM-dd}/',
        ProcessingConfiguration: {
          Processors: [
            {
              Parameters: [
                { ParameterName: 'MetadataExtractionQuery', ParameterValue: '{key: .service}' },
                { ParameterName: 'JsonParsingEngine' },
              ],
            },
          ],
        },
      },
    })
  })

  it('have a way out of a new network, which has none without them', () => {
    const ways = (store: Synthesis) =>
      store.resources('AWS::EC2::VPCEndpoint').map(([, { Properties }]) => String(Properties['ServiceName']))
    expect(ways(full)).toContain('com.amazonaws.eu-central-1.kinesis-firehose')
    const network = synthesize({ vpc: { cidr: '10.1.0.0/16' } })
    expect([ways(network).length, ways(network).filter(name => /firehose/.test(name))]).toEqual([3, []])
  })
})

describe('consumers', () => {
  const attached = full
    .resources('AWS::IAM::ManagedPolicy')
    .map(([, { Properties }]) => [Properties['ManagedPolicyName'], Properties['Roles'], Properties['Users']])

  it('of the account get their policies, those of others assume a role that has them', () => {
    const role = [{ Ref: expect.stringMatching(/partnerRole/) }]
    expect(attached).toEqual([
      ['quern-full-partner-1', role, undefined],
      ['quern-full-partner-2', role, undefined],
      ['quern-full-scorer-1', ['scorer'], ['tester']],
      ['quern-full-scorer-2', ['scorer'], ['tester']],
    ])
  })

  it('of other accounts are the only ones who may assume that role', () => {
    const roles = full.resources('AWS::IAM::Role').filter(([id]) => /Consumers/.test(id))
    expect(roles.map(([, { Properties }]) => Properties)).toMatchObject([
      {
        RoleName: 'quern-full-partner',
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRole',
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::210987654321:role/partner' },
            },
          ],
        },
      },
    ])
    const outputs = full.template('serving').findOutputs('*')
    expect(Object.keys(outputs).filter(name => /partnerRoleArn/.test(name))).toHaveLength(1)
  })

  it('may call the one route, and decrypt by DynamoDB alone', () => {
    const { Statement } = Object(only(full, 'AWS::IAM::ManagedPolicy', 'scorerPolicy1')['PolicyDocument'])
    expect(Statement).toMatchObject([
      {
        Action: 'execute-api:Invoke',
        Resource: { 'Fn::Join': ['', expect.arrayContaining(['/$default/POST/get-online-features'])] },
      },
      { Action: 'kms:Decrypt', Condition: { StringLike: { 'kms:ViaService': 'dynamodb.*.amazonaws.com' } } },
    ])
  })
})

describe('a producer', () => {
  const arrivals = streamSource({
    name: 'landings',
    schema: { n: 'int64' },
    eventTimestamp: 'at',
    eventId: ['n'],
  })
  const role = (name: string) => [`arn:aws:iam::123456789012:role/${name}`]
  const store = synthesize(
    {},
    compile([consumer({ name: 'tower', principals: role('tower'), pushes: [arrivals] })]),
  )

  it('may call the routes of what it pushes, and nothing else', () => {
    const { Statement } = Object(only(store, 'AWS::IAM::ManagedPolicy', 'towerPolicy1')['PolicyDocument'])
    expect(Statement).toMatchObject([
      {
        Action: 'execute-api:Invoke',
        Resource: { 'Fn::Join': ['', expect.arrayContaining(['/$default/POST/push/landings'])] },
      },
    ])
    expect(Statement).toHaveLength(1)
  })
})

describe('pushed records that cannot be written', () => {
  it('are kept with their content in the bucket, of each stream, and told by a message that names the file', () => {
    const arn = {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, expect.stringMatching(/:s3:::quern-full-/)]],
    }
    const mappings = full.resources('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)
    expect(mappings.map(one => one['DestinationConfig'])).toEqual([
      { OnFailure: { Destination: arn } },
      { OnFailure: { Destination: arn } },
    ])
    expect(only(full, 'AWS::Events::Rule', 'RecordsFailed')).toMatchObject({
      EventPattern: {
        'detail-type': ['Object Created'],
        detail: { object: { key: [{ prefix: 'aws/lambda/' }] } },
      },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/Letters/), 'Arn'] } }],
    })
    const statements = Object(only(full, 'AWS::IAM::Policy', 'PushRowsRole')['PolicyDocument']).Statement
    expect(statements).toContainEqual(
      expect.objectContaining({ Action: 's3:PutObject', Resource: expect.anything() }),
    )
  })
})

describe('a partition', () => {
  const regions = ['cn-north-1', 'us-gov-west-1']
  const ours = { ...SHOP, consumers: {} }
  it.each(regions)('is that of %s in all that is deployed there', region => {
    const store = synthesize({ name: 'full', region, alarms: { email: 'oncall@example.com' } }, ours)
    const text = JSON.stringify(store.resources())
    expect(text.match(/arn:aws:[^"]*/g)).toBeNull()
    expect(text).toContain(`arn:${region === 'cn-north-1' ? 'aws-cn' : 'aws-us-gov'}:states:::lambda:invoke`)
    // A key's policy that names a service which is not there is refused.
    expect(text).not.toContain('budgets.amazonaws.com')
  })
})

describe('a trail', () => {
  it('is of the bucket’s files and the table’s items, where it is asked for', () => {
    const [files, items] = only(full, 'AWS::CloudTrail::Trail')[
      'AdvancedEventSelectors'
    ] as readonly unknown[]
    expect(JSON.stringify(files)).toContain(':s3:::quern-full-123456789012-eu-central-1/')
    expect(JSON.stringify(items)).toContain('table/quern-full-online')
    expect(example.resources('AWS::CloudTrail::Trail')).toEqual([])
  })
})

describe('tags', () => {
  it('are on every stack: the environment’s own, its name, the part', () => {
    expect(full.stacks['serving']?.tags.tagValues()).toEqual({
      team: 'ml',
      'quern:environment': 'full',
      'quern:part': 'serving',
    })
  })
})

describe('logs', () => {
  it('are kept for as long as the environment says', () => {
    const days = full
      .resources('AWS::Logs::LogGroup')
      .map(([, { Properties }]) => Properties['RetentionInDays'])
    expect(new Set(days)).toEqual(new Set([365]))
  })
})
