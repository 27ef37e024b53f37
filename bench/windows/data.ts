/** Events and a spine in DuckDB, made from row numbers and hashes, so that the same shape is the same data. */
import { draw } from '../data.ts'

export interface WindowShape {
  readonly events: number
  readonly entities: number
  /** Over which both events and spine are spread. */
  readonly days: number
  readonly spineRows: number
}

export const EVENTS = 'events'
export const SPINE = 'spine'
/** Numbers of all events are below it. */
const MOST = 1_000

const START = "timestamp '2025-01-01 00:00:00'"
const DAY_MICROS = 86_400_000_000

const time = (salt: string, { days }: WindowShape): string =>
  `${START} + to_microseconds(${draw(salt, days * DAY_MICROS)})`

const present = (salt: string, value: string): string =>
  `case when ${draw(`${salt} null`, 50)} > 0 then ${value} end`

const eventsSql = (shape: WindowShape): string => `
  select ${draw('customer', shape.entities)} as customer_id, ${time('time', shape)} as event_timestamp,
    event_timestamp as created_timestamp, '' as row_hash, length(i::varchar) || ':' || i as quern_event,
    ${present('items', `cast(${draw('items', MOST)} as integer)`)} as items,
    ${present('amount', `${draw('amount', MOST * 1_000)} / 1e3`)} as amount
  from range(${shape.events}) t(i) order by event_timestamp`

const spineSql = (shape: WindowShape): string => `
  select i as spine_row, ${draw('spine customer', shape.entities)} as customer_id,
    ${time('spine time', shape)} as event_timestamp
  from range(${shape.spineRows}) t(i)`

/** What an aggregate view's offline table holds, in the order of time, and a spine in none. */
export const tablesSql = (shape: WindowShape): readonly string[] => [
  `create table ${EVENTS} as ${eventsSql(shape)}`,
  `create table ${SPINE} as ${spineSql(shape)}`,
]
