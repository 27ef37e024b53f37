/** Empty definitions, and columns that a service would have twice. */
import { pick } from 'quern'
import { weather } from '../example.ts'
import { keyed, type Row, service, view } from './broken.ts'

export const SERVICES: readonly Row[] = [
  [
    'feature-claimed-twice',
    'a view and a pick of it',
    [service(weather, pick(weather, ['temp']))],
    'service s › pick weather',
    "'weather:temp'",
  ],
  [
    'feature-claimed-twice',
    'two versions of a view',
    [service(weather, view({ version: 2, features: { temp: { type: 'float64' } } }))],
    'service s › view weather@2',
    "'weather:temp'",
  ],
  [
    'feature-claimed-twice',
    'one alias for two roles',
    [service(pick(weather, ['temp']), pick(weather, ['notes'], { joinKeys: { airport: 'dest' } }))],
    'service s › pick weather',
    "weather@1 in two roles, as 'weather',",
  ],
  [
    'column-clash',
    'a feature named as a join key of its view',
    [view({ transformation: 'select 1', features: { airport: { type: 'string' } } })],
    'view weather@1 › feature airport',
    "'airport'",
  ],
  [
    'column-clash',
    'a feature named as a join key of the service',
    [service(pick(weather, ['temp'], { rename: { temp: 'airport' } }))],
    'service s',
    "'airport'",
  ],
  [
    'column-clash',
    'two features renamed to one',
    [service({ ...pick(weather, ['temp', 'notes']), rename: { temp: 'x', notes: 'x' } })],
    'service s',
    "'weather__x'",
  ],
  [
    'column-clash',
    'two full names that read the same',
    [
      service(
        pick(weather, ['temp'], { alias: 'a', rename: { temp: 'b__c' } }),
        pick(weather, ['temp'], { alias: 'a__b', rename: { temp: 'c' } }),
      ),
    ],
    'service s',
    "'a__b__c'",
  ],
  [
    'column-clash',
    'a full name that is a feature elsewhere',
    [
      service(
        pick(weather, ['temp'], { alias: 'a' }),
        pick(weather, ['temp'], { alias: 'b' }),
        pick(weather, ['notes'], { alias: 'c', rename: { notes: 'a__temp' } }),
      ),
    ],
    'service s',
    "'a__temp'",
  ],
  [
    'no-entities',
    'an empty list of entities',
    [view({ transformation: 'select 1', entities: [] })],
    'view weather@1',
    'the view',
  ],
  ['no-entities', 'no list of entities', [view({ entities: undefined })], 'view weather@1', 'the view'],
  ['no-join-keys', 'an entity without join keys', [keyed({})], 'entity airport', 'the entity'],
  ['no-features', 'a view without features', [view({ features: {} })], 'view weather@1', 'the view'],
  [
    'no-features',
    'a view whose features are undefined',
    [view({ features: undefined })],
    'view weather@1',
    'the view',
  ],
  ['no-features', 'a service without members', [service()], 'service s', 'the service'],
  ['no-features', 'a pick of nothing', [service(pick(weather, []))], 'service s › pick weather', 'the pick'],
]
