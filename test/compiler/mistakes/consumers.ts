/** Invalid consumers, grants and masks. */
import { consumer, featureView, pick, streamSource, unmasked } from 'quern'
import { airport, delay, weather } from '../example.ts'
import { type Row, view } from './broken.ts'

const ARN = 'arn:aws:iam::123456789012:role/scorer'
const correct = consumer({ name: 'c', principals: [ARN], grants: [delay] })
/** A valid consumer with changes. */
const reader = (change: Record<string, unknown>) => ({ ...correct, ...change })
const clicks = streamSource({
  name: 'clicks',
  schema: { airport: 'string', n: 'int64' },
  eventTimestamp: 'at',
  eventId: ['n'],
})
const masked = (feature: Record<string, unknown>) =>
  view({ transformation: 'select 1', features: { name: { pii: true, ...feature } } })

export const CONSUMERS: readonly Row[] = [
  [
    'bad-mask',
    'an unknown mask',
    [masked({ type: 'string', mask: 'stars' })],
    'view weather@1 › feature name › mask',
    "'stars'",
  ],
  [
    'bad-mask',
    'a hash of a number',
    [masked({ type: 'int64', mask: 'hash' })],
    'view weather@1 › feature name › mask',
    "'hash' of int64",
  ],
  [
    'bad-mask',
    'the last four of a list',
    [masked({ type: 'array<string>', mask: 'last-four' })],
    'view weather@1 › feature name › mask',
    "'last-four' of array<string>",
  ],
  [
    'bad-mask',
    'a mask that hides nothing',
    [masked({ type: 'string', pii: false, mask: 'hash' })],
    'view weather@1 › feature name › mask',
    "'hash' of a feature without pii",
  ],
  [
    'cleared-pii',
    'a feature that is cleared and marked',
    [masked({ type: 'string', cleared: 'a code' })],
    'view weather@1 › feature name › cleared',
    "'a code'",
  ],
  ...[
    'scorer',
    '*',
    'arn:aws:iam::123456789012:root',
    'arn:aws:iam::123456789012:role/*',
    'arn:aws:iam::1234:role/scorer',
    'arn:aws:iam::123456789012:group/scorers',
    'arn:aws:sts::123456789012:assumed-role/scorer/session',
    'arn:aws-mars:iam::123456789012:role/scorer',
    'arn:aws:iam::123456789012:role/*/scorer',
    'arn:aws:iam::123456789012:role/team?/scorer',
    'arn:aws:iam::123456789012:user/scor?r',
  ].map(
    (arn): Row => [
      'bad-principal',
      `the principal ${arn}`,
      [reader({ principals: [arn] })],
      'consumer c › principals',
      `'${arn}'`,
    ],
  ),
  [
    'bad-principal',
    'a principal that is not a text',
    [reader({ principals: [7] })],
    'consumer c › principals',
    '7',
  ],
  ...[
    'aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Data_0123456789abcdef',
    'AWSReservedSSO_Data_0123456789abcdef',
    'aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks',
  ].map((role): Row => {
    const arn = `arn:aws:iam::123456789012:role/${role}`
    return [
      'protected-principal',
      `the role ${role}`,
      [reader({ principals: [arn] })],
      'consumer c › principals',
      arn.length < 79 ? `'${arn}'` : `'${arn.slice(0, 78)}…`,
    ]
  }),
  [
    'principal-claimed-twice',
    'a role of two consumers',
    [reader({}), reader({ name: 'd' })],
    'consumer d › principals',
    `'${ARN}'`,
  ],
  [
    'principal-claimed-twice',
    'a role under two paths',
    [reader({ principals: [ARN, 'arn:aws:iam::123456789012:role/team/scorer'] })],
    'consumer c › principals',
    "'arn:aws:iam::123456789012:role/team/scorer'",
  ],
  ['no-principals', 'no principals', [reader({ principals: [] })], 'consumer c', 'the consumer'],
  ['no-grants', 'no grants', [reader({ grants: [] })], 'consumer c', 'the consumer'],
  [
    'bad-push',
    'rows of a view that is not online',
    [reader({ pushes: [view({ name: 'hidden', transformation: 'select 1', online: false })] })],
    'consumer c › pushes',
    'view hidden@1',
  ],
  [
    'bad-push',
    'rows of a view that reads events',
    [
      reader({
        pushes: [
          featureView({ name: 'clicked', entities: [airport], source: clicks, features: { n: 'int64' } }),
        ],
      }),
    ],
    'consumer c › pushes',
    'view clicked@1',
  ],
  ['wrong-kind', 'a push of a name', [reader({ pushes: ['clicks'] })], 'consumer c › pushes', "'clicks'"],
  ['wrong-kind', 'a push of nothing', [reader({ pushes: [null] })], 'consumer c › pushes', 'null'],
  ['duplicate-name', 'two consumers of one name', duplicates(), 'consumer c', "'c'"],
  ['bad-name', 'a consumer without a name', [reader({ name: 'C' })], 'consumer C', "'C'"],
  ['wrong-kind', 'a grant of nothing', [reader({ grants: [null] })], 'consumer c › grant 1', 'null'],
  [
    'wrong-kind',
    'an unmasked grant of a grant',
    [reader({ grants: [delay, unmasked(unmasked(weather) as never)] })],
    'consumer c › grant 2',
    '{"kind":"unmasked","of":{"name":"weather","entities":[{"name":"airport","joinKe…',
  ],
  [
    'unknown-name',
    'a grant of an unknown feature',
    [reader({ grants: [{ ...pick(weather, ['temp']), features: ['tmep'] }] })],
    'consumer c › grant 1 › features',
    "'tmep'",
  ],
]

function duplicates(): readonly unknown[] {
  return [reader({}), reader({ principals: ['arn:aws:iam::123456789012:user/scorer'] })]
}
