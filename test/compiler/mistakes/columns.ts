/** Invalid types, and columns that an origin does not have. */
import { array, viewSource } from 'quern'
import { airport, observations, weather } from '../example.ts'
import { file, keyed, numbered, numberedView, type Row, service, view } from './broken.ts'

export const COLUMNS: readonly Row[] = [
  [
    'unknown-type',
    'a type of another language',
    [view({ transformation: 'select 1', features: { temp: { type: 'double' } } })],
    'view weather@1 › feature temp',
    "'double'",
  ],
  [
    'unknown-type',
    'a feature without type',
    [view({ transformation: 'select 1', features: { temp: {} } })],
    'view weather@1 › feature temp',
    'nothing',
  ],
  [
    'unknown-type',
    'a number in place of a feature',
    [view({ transformation: 'select 1', features: { temp: 5 } })],
    'view weather@1 › feature temp',
    '5',
  ],
  [
    'unknown-type',
    'a vector above the maximum length',
    [view({ transformation: 'select 1', features: { temp: { type: 'vector<100000>' } } })],
    'view weather@1 › feature temp',
    "'vector<100000>'",
  ],
  [
    'unknown-type',
    'a column of the source',
    [file({ columns: { temp: 'decimal' } })],
    'source observations › columns › temp',
    "'decimal'",
  ],
  [
    'join-key-type',
    'a float as a join key',
    [keyed({ airport: 'float64' })],
    'entity airport › join key airport',
    "'float64'",
  ],
  [
    'join-key-type',
    'a list as a join key',
    [keyed({ airport: array('string') })],
    'entity airport › join key airport',
    "'array<string>'",
  ],
  [
    'join-key-missing',
    'a source without the column',
    [
      file({ columns: { at: 'timestamp', temp: 'float64' } }),
      view({
        features: { temp: { type: 'float64' } },
        createdTimestamp: 'at',
        source: file({ name: 'o', columns: { at: 'timestamp', temp: 'float64' } }),
      }),
    ],
    'view weather@1 › join key airport',
    "'airport'",
  ],
  [
    'join-key-mismatch',
    'a join key with another type in the source',
    [view({ source: file({ columns: { ...observations.columns, airport: 'int64' } }) })],
    'view weather@1 › join key airport',
    "'string'",
  ],
  [
    'join-key-mismatch',
    'two entities of a view',
    [view({ transformation: 'select 1', entities: [airport, numbered] })],
    'view weather@1 › join key airport',
    "'string' in airport and 'int64' in numbered",
  ],
  [
    'join-key-mismatch',
    'two members of a service',
    [service(weather, numberedView)],
    'service s › join key airport',
    "'string' for weather and 'int64' for by_number",
  ],
  [
    'column-missing',
    'a feature that the source does not have',
    [view({ features: { tmp: { type: 'float64' } } })],
    'view weather@1 › feature tmp',
    "'tmp'",
  ],
  [
    'column-missing',
    'an event timestamp that the source does not have',
    [view({ eventTimestamp: 'when' })],
    'view weather@1 › eventTimestamp',
    "'when'",
  ],
  [
    'column-missing',
    'a feature that the view upstream does not have',
    [
      weather,
      view({
        name: 'mean',
        source: viewSource({ view: 'weather' }),
        features: { humid: { type: 'float64' } },
      }),
    ],
    'view mean@1 › feature humid',
    "'humid'",
  ],
  [
    'column-mismatch',
    'a feature with another type in the source',
    [view({ features: { temp: { type: 'int32' } } })],
    'view weather@1 › feature temp',
    "'int32'",
  ],
  [
    'column-mismatch',
    'an event timestamp that is not a timestamp',
    [view({ eventTimestamp: 'temp' })],
    'view weather@1 › eventTimestamp',
    "'timestamp'",
  ],
]
