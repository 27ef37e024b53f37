/** Invalid derived features. */
import { derive, derived, featureService, literal, pick } from 'quern'
import { routeDelay, weather } from '../example.ts'
import type { Row } from './broken.ts'

/** A valid derive with changes. Any field may have any value, as in plain JavaScript. */
const changed = (change: Record<string, unknown>) => ({ ...correct, ...change })
const correct = derive({
  name: 'heat',
  inputs: [weather],
  request: { limit: 'float64' },
  features: x => ({ over: x.temp.minus(x.limit) }),
})
const temps = derive({ name: 'temps', inputs: [weather], features: x => ({ warm: x.temp.greaterThan(20) }) })

export const DERIVED: readonly Row[] = [
  [
    'cycle',
    'features that read each other',
    [
      derive({
        name: 'd',
        inputs: [weather],
        features: x => ({
          c: derived('b', 'float64').plus(x.temp),
          b: derived('a', 'float64'),
          a: derived('c', 'float64'),
        }),
      }),
    ],
    'derive d › feature a',
    'a → c → b → a',
  ],
  [
    'cycle',
    'a feature that reads itself',
    [derive({ name: 'd', inputs: [weather], features: x => ({ a: x.temp.plus(derived('a', 'float64')) }) })],
    'derive d › feature a',
    'a → a',
  ],
  [
    'bad-expression',
    'an unknown input',
    [
      changed({
        features: { over: { ...correct.features['over'], expression: { op: 'column', name: 'tmp' } } },
      }),
    ],
    'derive heat › feature over › column',
    'tmp',
  ],
  [
    'bad-expression',
    'an operator that the type does not have',
    [
      derive({
        name: 'd',
        inputs: [weather],
        // In plain JavaScript every expression has all methods.
        features: x => ({ a: (x.temp as unknown as { length: () => typeof x.temp }).length() }),
      }),
    ],
    'derive d › feature a › length',
    'float64',
  ],
  [
    'bad-expression',
    'a list as an input',
    [changed({ features: { over: { kind: 'expression', expression: { op: 'column', name: 'notes' } } } })],
    'derive heat › feature over › column',
    'notes of type array<string>',
  ],
  [
    'bad-expression',
    'a value in place of an expression',
    [changed({ features: { over: 5 } })],
    'derive heat › feature over › expression',
    'undefined',
  ],
  [
    'bad-expression',
    'another feature of the derive without its type',
    [changed({ features: { ...correct.features, more: { expression: { op: 'column', name: 'over' } } } })],
    'derive heat › feature more › column',
    'over',
  ],
  [
    'bad-expression',
    'another feature of the derive under a wrong type',
    [changed({ features: { ...correct.features, more: derived('over', 'int64') } })],
    'derive heat › feature more',
    "derived('over', 'int64')",
  ],
  [
    'request-type',
    'a list as a request value',
    [changed({ request: { limit: 'float64', list: 'array<string>' }, features: correct.features })],
    'derive heat › request › list',
    "'array<string>'",
  ],
  [
    'unused-input',
    'an unused input',
    [changed({ inputs: [weather, routeDelay] })],
    'derive heat › view route_delay@1',
    "'route_delay'",
  ],
  [
    'unused-input',
    'an unused request value',
    [changed({ request: { limit: 'float64', other: 'string' } })],
    'derive heat › request',
    "'other'",
  ],
  ['no-features', 'a derive without features', [changed({ features: {} })], 'derive heat', 'the derive'],
  [
    'duplicate-name',
    'a derive named as a view',
    [changed({ name: 'weather' })],
    'derive weather',
    "'weather'",
  ],
  ['duplicate-name', 'two of one name', [correct, changed({})], 'derive heat', "'heat'"],
  [
    'wrong-kind',
    'a derive of derived features',
    [changed({ inputs: [weather, temps] })],
    'derive heat › member 2',
    "derivedView 'temps'",
  ],
  [
    'column-clash',
    'a feature named as an input',
    [changed({ features: { ...correct.features, temp: literal('float64', 1) } })],
    'derive heat',
    "'temp'",
  ],
  [
    'column-clash',
    'a request value named as an input',
    [changed({ request: { limit: 'float64', temp: 'float64' } })],
    'derive heat',
    "'temp'",
  ],
  [
    'column-clash',
    'a request value named as a join key of the service',
    [
      featureService({
        name: 's',
        features: [
          derive({
            name: 'd',
            inputs: [pick(weather, ['temp'])],
            request: { airport: 'string' },
            features: x => ({ a: x.temp.isNull().and(x.airport.isNull()) }),
          }),
        ],
      }),
    ],
    'service s',
    "'airport'",
  ],
  [
    'column-clash',
    'a derived feature named as a join key of the service',
    [
      featureService({
        name: 's',
        features: [derive({ name: 'd', inputs: [weather], features: x => ({ airport: x.temp }) })],
      }),
    ],
    'service s',
    "'airport'",
  ],
  [
    'feature-claimed-twice',
    'a derive twice in a service',
    [featureService({ name: 's', features: [temps, temps] })],
    'service s › derive temps',
    "'temps'",
  ],
  [
    'request-mismatch',
    'one request value of two types',
    [
      featureService({
        name: 's',
        features: [
          correct,
          derive({
            name: 'd',
            inputs: [weather],
            request: { limit: 'int64' },
            features: x => ({ a: x.temp.plus(x.limit) }),
          }),
        ],
      }),
    ],
    'service s › request limit',
    "'float64' for heat and 'int64' for d",
  ],
  [
    'no-join-keys',
    'a service with only request values',
    [
      featureService({
        name: 's',
        features: [
          derive({ name: 'd', inputs: [], request: { a: 'int64' }, features: x => ({ b: x.a.plus(1n) }) }),
        ],
      }),
    ],
    'service s',
    'the service',
  ],
]
