import type { AllowedFunctions } from './allowed-function.ts'

const FIELD = { signatures: ['timestamp -> bigint', 'date -> bigint'] } as const
const CLOCK = { signatures: ['timestamp -> bigint'] } as const

export const TIME = {
  year: FIELD,
  quarter: FIELD,
  month: FIELD,
  week: { ...FIELD, note: 'of ISO 8601' },
  day: FIELD,
  day_of_month: FIELD,
  day_of_week: { ...FIELD, note: '1 is Monday, 7 is Sunday' },
  dow: { ...FIELD, note: '1 is Monday, 7 is Sunday' },
  day_of_year: FIELD,
  doy: FIELD,
  year_of_week: { ...FIELD, note: 'of ISO 8601' },
  yow: { ...FIELD, note: 'of ISO 8601' },
  hour: CLOCK,
  minute: CLOCK,
  second: CLOCK,
  millisecond: CLOCK,
  date: {
    signatures: ['timestamp -> date', 'date -> date', 'varchar -> date'],
    note: 'the same as `cast(… as date)`',
  },
  date_trunc: { signatures: ['varchar, timestamp -> timestamp', 'varchar, date -> date'], literals: [0] },
  date_diff: {
    signatures: ['varchar, timestamp, timestamp -> bigint', 'varchar, date, date -> bigint'],
    literals: [0],
    note: 'whole units that have passed',
  },
  date_add: {
    signatures: ['varchar, bigint, timestamp -> timestamp', 'varchar, bigint, date -> date'],
    literals: [0],
  },
  last_day_of_month: { signatures: ['timestamp -> date', 'date -> date'] },
  to_unixtime: { signatures: ['timestamp -> double'] },
  date_format: {
    signatures: ['timestamp, varchar -> varchar'],
    literals: [1],
    note: 'with %Y %y %m %d %H %i %s %j %a %b %W %M %%',
  },
  date_parse: {
    signatures: ['varchar, varchar -> timestamp'],
    literals: [1],
    note: 'with %Y, and %m %d %H %i %s, all digits written',
  },
  from_iso8601_date: { signatures: ['varchar -> date'], note: '`YYYY-MM-DD`' },
  current_date: { signatures: [' -> date'], note: 'without parentheses; the day in UTC' },
  localtimestamp: { signatures: [' -> timestamp'], note: 'without parentheses; in UTC, in milliseconds' },
} as const satisfies AllowedFunctions
