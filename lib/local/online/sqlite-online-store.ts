/**
 * The local online store: items in DynamoDB's JSON, in an SQLite file. It accepts, stores and refuses the same items
 * as DynamoDB; one suite tests both (test/aws/online-store-suite.ts). There is no server: other processes open the
 * same file.
 */
import { setImmediate as yielded } from 'node:timers/promises'
import { keyPrefix, viewOfKey } from '../../online/item/entity-key.ts'
import { type Item, type ItemKey, keyOfItem, rowOrderOf } from '../../online/item/item.ts'
import { refusalOf } from '../../online/item/item-limits.ts'
import { newestItems } from '../../online/item/newest-items.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { CompareAndSet, RemovableOnlineStore, Watermark } from '../../runtime.ts'
import { machineFault } from '../engine/machine-fault.ts'
import { type CheckedText, checksumOf, isIntact } from '../files/checked-text.ts'
import { isSqliteDamage, SqliteBusy } from './sqlite-file.ts'
import { type OnlineFile, openOnlineFile, VIEW, ViewRecord } from './sqlite-online-file.ts'

export interface SqliteOnlineStore extends RemovableOnlineStore {
  /** Items in order of keys, after a given key. */
  readonly page: (range: PageRange) => readonly Item[]
  readonly close: () => void
}

/** A range of keys. */
export interface PageRange {
  /** Only items of this partition key. @default all */
  readonly pk?: string | undefined
  readonly after?: ItemKey | undefined
  readonly limit: number
}

/**
 * Number of items in one transaction. Between two transactions the thread does other work, and other processes can
 * write.
 */
const TOGETHER = 1_024

/** An item with its key and its serialized text. */
interface Entry {
  readonly key: ItemKey
  readonly text: string
  readonly item: Item
}

/** Upper bound of a view's keys: `}` follows `|`, which ends the view's part of a key. */
const afterPrefix = (view: string): string => `${view}}`

const NO_ITEMS: ViewRecord = { items: 0, watermark: null }

class SqliteStore {
  readonly #file: OnlineFile
  readonly #statements

  constructor(file: OnlineFile) {
    this.#file = file
    const prepare = (sql: string) => file.database.prepare(sql)
    this.#statements = {
      find: prepare('select text, checksum from items where pk = ? and sk = ?'),
      add: prepare('insert into items values (?, ?, ?, ?) on conflict do nothing'),
      replaceOlder: prepare(
        "update items set text = ?, checksum = ? where pk = ? and sk = ? and text ->> '$.row_order.S' < ?",
      ),
      replaceVersion: prepare(
        "update items set text = ?, checksum = ? where pk = ? and sk = ? and text ->> '$.version.N' = ?",
      ),
      count: prepare('select count(*) as items from items where pk >= ? and pk < ?'),
      remove: prepare('delete from items where pk >= ? and pk < ?'),
      page: prepare('select text, checksum from items where (pk, sk) > (?, ?) order by pk, sk limit ?'),
      pageOfKey: prepare('select text, checksum from items where pk = ? and sk > ? order by sk limit ?'),
    }
  }

  /** @throws {StoreError} `store-damaged` */
  #itemOf({ text, checksum }: CheckedText): Item {
    if (!isIntact({ text, checksum })) throw this.#file.damaged('an item does not match its checksum')
    return JSON.parse(text)
  }

  /** Runs work on the file and converts failures to the store's errors. */
  async #using<T>(keys: readonly ItemKey[], work: () => T | Promise<T>): Promise<T> {
    if (!this.#file.isInPlace())
      throw this.#file.damaged('its file was removed or replaced while this process had it open')
    try {
      return await work()
    } catch (error) {
      if (isSqliteDamage(error)) throw this.#file.damaged('SQLite cannot read it', error)
      if (!(error instanceof SqliteBusy)) throw machineFault(error) ?? error
      const names = keys.map(({ pk }) => pk)
      throw new OnlineStoreError('the online store is busy', { retryable: true, keys: names, cause: error })
    }
  }

  read(keys: readonly ItemKey[], attributes?: readonly string[]): Promise<readonly (Item | undefined)[]> {
    return this.#using(keys, () =>
      keys.map(({ pk, sk }) => {
        // The table is strict, so its columns have these types.
        const found = this.#statements.find.get(pk, sk) as CheckedText | undefined
        if (found === undefined) return undefined
        const item = this.#itemOf(found)
        return attributes === undefined ? item : only(item, attributes)
      }),
    )
  }

  /**
   * Puts entries, {@link TOGETHER} in each transaction.
   * @returns for each entry, whether it was written
   */
  async #put(entries: readonly Entry[], put: (entry: Entry) => PutResult): Promise<readonly boolean[]> {
    const results: boolean[] = []
    for (let from = 0; from < entries.length; from += TOGETHER) {
      if (from > 0) await yielded()
      const some = entries.slice(from, from + TOGETHER)
      const keys = some.map(({ key }) => key)
      const together = () => this.#putTogether(some, put)
      results.push(...(await this.#using(keys, () => this.#file.transact(together))))
    }
    if (results.includes(true)) this.#file.witness()
    return results
  }

  #putTogether(entries: readonly Entry[], put: (entry: Entry) => PutResult): readonly boolean[] {
    const added = new Map<string, number>()
    const results = entries.map(entry => {
      const result = put(entry)
      const view = viewOfKey(entry.key)
      if (result === 'added') added.set(view, (added.get(view) ?? 0) + 1)
      return result !== 'kept'
    })
    for (const [view, items] of added) {
      const record = this.#recordOf(view)
      this.#file.records.write(VIEW + view, { ...record, items: record.items + items })
    }
    if (results.includes(true)) this.#file.move()
    return results
  }

  #add({ key: { pk, sk }, text }: Entry): boolean {
    return this.#statements.add.run(pk, sk, text, checksumOf(text)).changes === 1
  }

  async write(items: readonly Item[]) {
    const { entries, refused } = entriesOf(newestItems(items))
    const put = await this.#put(entries, entry => {
      if (this.#add(entry)) return 'added'
      const { key, text, item } = entry
      const order = rowOrderOf(item)
      const { changes } = this.#statements.replaceOlder.run(text, checksumOf(text), key.pk, key.sk, order)
      return changes === 1 ? 'replaced' : 'kept'
    })
    if (refused.length > 0) throw refusal(refused, entries.length + refused.length)
    const written = put.filter(Boolean).length
    return { written, kept: items.length - written }
  }

  async swap(swaps: readonly CompareAndSet[]): Promise<readonly boolean[]> {
    const { entries, refused } = entriesOf(swaps.map(({ item }) => item))
    const before = new Map(swaps.map(each => [each.item, each.expectedVersion]))
    const put = await this.#put(entries, entry => {
      const version = before.get(entry.item) ?? null
      if (version === null) return this.#add(entry) ? 'added' : 'kept'
      const { key, text } = entry
      const { pk, sk } = key
      const { changes } = this.#statements.replaceVersion.run(
        text,
        checksumOf(text),
        pk,
        sk,
        version.toString(),
      )
      return changes === 1 ? 'replaced' : 'kept'
    })
    if (refused.length > 0) throw refusal(refused, swaps.length)
    return put
  }

  #recordOf(view: string): ViewRecord {
    const found = this.#file.records.read(VIEW + view)
    return found === undefined ? NO_ITEMS : ViewRecord.parse(found)
  }

  watermark(view: string): Promise<Watermark | null> {
    return this.#using([], () => {
      const { watermark } = this.#recordOf(view)
      return watermark === null ? null : { ...watermark, to: BigInt(watermark.to) }
    })
  }

  async advance(view: string, next: Watermark): Promise<void> {
    const move = (): boolean => {
      const record = this.#recordOf(view)
      if (isBehind(next, record.watermark)) return false
      this.#file.records.write(VIEW + view, { ...record, watermark: { ...next, to: next.to.toString() } })
      this.#file.move()
      return true
    }
    if (await this.#using([], () => this.#file.transact(move))) this.#file.witness()
  }

  count(view: string): Promise<number> {
    return this.#using([], () => {
      const found = this.#statements.count.get(keyPrefix(view), afterPrefix(view))
      return Number(found?.['items'])
    })
  }

  /** Removes the watermark with the items, so that the next materialization reads the whole history of the view. */
  async remove(view: string): Promise<number> {
    const remove = (): number => {
      const { changes } = this.#statements.remove.run(keyPrefix(view), afterPrefix(view))
      this.#file.records.remove(VIEW + view)
      this.#file.move()
      return Number(changes)
    }
    const removed = await this.#using([], () => this.#file.transact(remove))
    this.#file.witness()
    return removed
  }

  page({ pk, after, limit }: PageRange): readonly Item[] {
    const { page, pageOfKey } = this.#statements
    const found =
      pk === undefined
        ? page.all(after?.pk ?? '', after?.sk ?? '', limit)
        : pageOfKey.all(pk, after?.sk ?? '', limit)
    // The table is strict, as in read().
    return (found as unknown as readonly CheckedText[]).map(each => this.#itemOf(each))
  }
}

type PutResult = 'added' | 'replaced' | 'kept'

/** A watermark of the same table never decreases in either coordinate. */
const isBehind = (next: Watermark, current: ViewRecord['watermark']): boolean =>
  current !== null &&
  current.table === next.table &&
  (next.sequence < current.sequence || next.to < BigInt(current.to))

const only = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(
    names.flatMap(name => {
      const value = item[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

interface Refused {
  readonly pk: string
  readonly reason: string
}

function entriesOf(items: readonly Item[]): {
  readonly entries: readonly Entry[]
  readonly refused: readonly Refused[]
} {
  const [entries, refused]: [Entry[], Refused[]] = [[], []]
  for (const item of items) {
    const [key, text] = [keyOfItem(item), JSON.stringify(item)]
    const reason = refusalOf(item, text)
    if (reason === undefined) entries.push({ key, text, item })
    else refused.push({ pk: key.pk, reason })
  }
  return { entries, refused }
}

/** The other items are already written at this point. */
const refusal = (refused: readonly Refused[], all: number): OnlineStoreError =>
  new OnlineStoreError(`${refused.length} of ${all} items cannot be stored: ${refused[0]?.reason}`, {
    retryable: false,
    keys: refused.map(({ pk }) => pk),
  })

/**
 * Opens the online store in a folder, or creates it; close it with `close`.
 * @throws {StoreError} `store-damaged`
 */
export async function openSqliteOnlineStore(folder: string): Promise<SqliteOnlineStore> {
  const file = await openOnlineFile(folder)
  const store = new SqliteStore(file)
  return {
    batchItems: TOGETHER,
    read: (keys, options) => store.read(keys, options?.attributes),
    write: items => store.write(items),
    compareAndSet: swaps => store.swap(swaps),
    watermark: view => store.watermark(view),
    advance: (view, watermark) => store.advance(view, watermark),
    count: view => store.count(view),
    remove: view => store.remove(view),
    page: range => store.page(range),
    close: file.close,
  }
}
