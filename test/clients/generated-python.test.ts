/** The generated Python client: mypy checks it, and its reads over HTTP and by boto3 equal the stored values. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import * as flights from '../../definitions/flights.ts'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { pythonClient } from '../../lib/clients/python.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { shapeOf, type Value } from '../../lib/definition/value-types.ts'
import { startHttpFront } from '../../lib/local/http/http-front.ts'
import { iamAuthorizer } from '../../lib/local/http/iam-authorizer.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import type { Column, Plan } from '../../lib/plan/plan.ts'
import { runtime } from '../generated/generated-client.ts'
import { guardedPlan, profileView } from '../online/guarded-store.ts'
import { weather, plan as weatherPlan } from '../online/plans.ts'
import { text } from '../oracle/naive.ts'
import { ECHO_ROWS, echoPlan } from '../support/echo-store.ts'
import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import {
  anyRows,
  EDGE_ROWS,
  everyValueStore,
  FEATURES,
  JOIN_KEYS,
  NOW_MS,
} from '../support/every-value-store.ts'
import { tableOf, temporaryStore } from '../support/temporary-store.ts'
import { MYPY, type PythonRun, runPython } from './python.ts'

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined }
const SEED = 20_132

const clientOf = (plan: Plan): string =>
  pythonClient({ plan, services: Object.values(plan.services), runtime: runtime('client.py') })

const flightsClient = clientOf(compile(Object.values(flights)))

/** The program on the page. */
async function programOfPage(): Promise<string> {
  const page = await readFile(new URL('../../docs/clients.md', import.meta.url), 'utf8')
  const [, code] = /```python\n([\s\S]*?)```/.exec(page) ?? []
  if (code === undefined) throw new Error('docs/clients.md has no Python')
  return code
}

/** Runs something in a folder with these files, and those of this one that are named. */
async function run(
  files: Readonly<Record<string, string>>,
  { own = [], ...props }: Omit<PythonRun, 'folder' | 'environment'> & { readonly own?: readonly string[] },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-python-client-'))
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    for (const name of own) await cp(join(import.meta.dirname, name), join(folder, name))
    return await runPython({ ...props, environment: MYPY, folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('mypy, in strict mode', () => {
  // boto3 comes without types.
  const config =
    '[mypy]\nstrict = True\npython_version = 3.10\n[mypy-boto3.*,botocore.*]\nignore_missing_imports = True\n'
  const mypy = (files: Readonly<Record<string, string>>): Promise<string> =>
    run({ 'mypy.ini': config, ...files }, { command: 'mypy', args: ['--cache-dir=/dev/null', '.'] }).catch(
      String,
    )

  const program = (statements: string): string =>
    `from features import Api, Client\n\n[row] = Client(Api("https://a")).departure_delay(
    [{"origin": "JFK", "dest": "LAX", "carrier": "DL", "tailnum": "N713TW"}]\n)\n${statements}\n`

  it('accepts every generated client, the program of docs/clients.md and correct code', async () => {
    const right = program(`if row["seats"].status == "PRESENT":
    seats: int = row["seats"].value
temp: float | None = row["temp"].value
if row["temp"].value is not None:
    print(row["temp"].value + 1.0)`)
    const guarded = `from guarded import Api, Client

[row] = Client(Api("https://a")).approval([{"person": "ann"}])
if row["email"].status == "MASKED":
    hash: str = row["email"].value
if row["age"].status == "MASKED":
    nothing: None = row["age"].value
`
    const said = await mypy({
      'features.py': flightsClient,
      'guarded.py': clientOf(guardedPlan),
      'weather.py': clientOf(weatherPlan),
      'echo.py': clientOf(echoPlan),
      'program.py': await programOfPage(),
      'right.py': right,
      'masked.py': guarded,
    })
    expect(said).toBe('Success: no issues found in 7 source files\n')
  })

  it('refuses wrong code', async () => {
    const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
      no_feature: [program('row["heat"]'), /has no key "heat"/],
      none_is_possible: [
        program('row["temp"].value + 1.0'),
        /Unsupported operand types for \+ \("None" and "float"\)/,
      ],
      another_type: [
        program('if row["seats"].status == "PRESENT":\n    row["seats"].value.upper()'),
        /"int" has no attribute "upper"/,
      ],
      no_such_status: [program('row["seats"].status == "MASKED"'), /Non-overlapping equality check/],
      a_key_lacks: [
        'from features import Client, Store\ndef f(store: Store) -> None:\n    Client(store).departure_delay([{"origin": "JFK"}])\n',
        /Missing keys \("carrier", "dest", "tailnum"\)/,
      ],
      no_service: [
        'from features import Client, Store\ndef f(store: Store) -> None:\n    Client(store).arrival_delay([])\n',
        /"Client" has no attribute "arrival_delay"/,
      ],
    }
    const programs = Object.entries(wrong).map(([name, [content]]) => [`${name}.py`, content])
    const said = await mypy({ 'features.py': flightsClient, ...Object.fromEntries(programs) })
    for (const [name, [, message]] of Object.entries(wrong))
      expect(said).toMatch(new RegExp(`^${name}\\.py:\\d+: error: .*${message.source}`, 'm'))
    expect(said).not.toMatch(/^features\.py/m)
  })
})

interface Shown {
  readonly status: string
  readonly value: JsonValue
  readonly kind: string
  readonly kinds: readonly string[]
  readonly event_timestamp: string | null
}
type ShownRow = Readonly<Record<string, Shown>>

interface Job {
  readonly plan: Plan
  readonly service: string
  readonly joinKeys: readonly Column[]
  readonly keys: readonly (readonly Value[])[]
  readonly nowMs: number
  readonly url: string
  readonly endpoint: string
  readonly table: string
}

/** A join key as JSON; timestamps as microseconds. */
const keyText = ({ name, type }: Column, value: Value): string =>
  `"${name}":${type === 'timestamp' ? value : jsonCodec(type).write(value)}`

/** The rows over HTTP, and those of the table. */
async function askBoth(job: Job): Promise<readonly [readonly ShownRow[], readonly ShownRow[]]> {
  const { plan, service, joinKeys, keys, nowMs, url, endpoint, table } = job
  const entities = keys.map(row => `{${row.map((key, i) => keyText(joinKeys[i] as Column, key)).join(',')}}`)
  const types = Object.fromEntries(joinKeys.map(({ name, type }) => [name, type]))
  const more = JSON.stringify({ service, join_keys: types, now_ms: nowMs, url, endpoint, table })
  const printed = await run(
    { 'store_client.py': clientOf(plan) },
    {
      own: ['ask_generated.py'],
      command: 'python',
      args: ['ask_generated.py'],
      input: `${more.slice(0, -1)},"entities":[${entities.join(',')}]}`,
    },
  )
  return parseJson(printed) as unknown as readonly [readonly ShownRow[], readonly ShownRow[]]
}

/** What a value of the type is in Python. */
const KINDS = {
  bool: 'bool',
  int32: 'int',
  int64: 'int',
  float32: 'float',
  float64: 'float',
  string: 'str',
  bytes: 'bytes',
  timestamp: 'datetime',
  date: 'date',
} as const

function kindsOf({ type }: Column, value: Value): Pick<Shown, 'kind' | 'kinds'> {
  if (value === null) return { kind: 'NoneType', kinds: [] }
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return { kind: KINDS[shape.scalar], kinds: [] }
  const elements = Array.from(value as Iterable<Value>)
  const element = shape.kind === 'vector' ? 'float' : KINDS[shape.element]
  return {
    kind: 'list',
    kinds: [...new Set(elements.map(one => (one === null ? 'NoneType' : element)))].sort(),
  }
}

describe('a generated client', () => {
  it('returns the same values of all types over HTTP and from the table', async () => {
    const [some = []] = fc.sample(fc.array(anyRows, { minLength: 3, maxLength: 3 }), {
      seed: SEED,
      numRuns: 1,
    })
    const rows = [
      ...new Map([...EDGE_ROWS, ...some.flat()].map(row => [row.keys.map(text).join(), row])).values(),
    ]
    await using server = await disposable(startEmbeddedDynamoDb())
    await using store = await everyValueStore(rows, server)
    await using front = await disposable(startHttpFront({ handler: getOnlineFeatures(store, { log: LOG }) }))
    const [served, read] = await askBoth({
      plan: store.plan,
      service: 'everything',
      joinKeys: JOIN_KEYS,
      keys: rows.map(({ keys }) => keys),
      nowMs: NOW_MS,
      url: front.url,
      endpoint: server.endpoint,
      table: tableOf(store),
    })
    expect(read).toEqual(served)
    const shown = (row: ShownRow) =>
      FEATURES.map(({ name, type }) => {
        const { status, value = null, kind, kinds } = row[name] ?? {}
        return [status, text(jsonCodec(type).read(value) ?? null), kind, kinds]
      })
    expect(served.map(shown)).toEqual(
      rows.map(({ features }) =>
        FEATURES.map((column, i) => {
          const value = features[i] ?? null
          const { kind, kinds } = kindsOf(column, value)
          return [value === null ? 'NULL_VALUE' : 'PRESENT', text(value), kind, kinds]
        }),
      ),
    )
    expect(rows.length).toBeGreaterThan(20)
  })

  it('expires values over HTTP and from the table alike, for many entities and two roles', async () => {
    await using server = await disposable(startEmbeddedDynamoDb())
    await using store = await temporaryStore({ definitions: [], now: NOW_MS, server })
    const now = BigInt(NOW_MS) * 1_000n
    const ttl = BigInt(weather.ttlMs ?? 0) * 1_000n
    const times = [now, now - ttl, now - ttl - 1n, now + 1n]
    await store.online.write(
      times.map((eventTimestamp, i) =>
        encodeItem(weather, {
          keys: [`${i}`],
          eventTimestamp,
          createdTimestamp: null,
          rowHash: '',
          features: [1n, null],
        }),
      ),
    )
    const world = { ...store, plan: weatherPlan, online: store.online }
    await using front = await disposable(startHttpFront({ handler: getOnlineFeatures(world, { log: LOG }) }))
    const keys = Array.from({ length: 130 }, (_, i) => [`${i % 120}`, BigInt(i), `${(i + 1) % 5}`])
    const [served, read] = await askBoth({
      plan: weatherPlan,
      service: 'delay',
      joinKeys: weatherPlan.services['delay']?.joinKeys ?? [],
      keys,
      nowMs: NOW_MS,
      url: front.url,
      endpoint: server.endpoint,
      table: tableOf(store),
    })
    expect(read).toEqual(served)
    const column = (name: string) => served.slice(0, 5).map(row => [row[name]?.status, row[name]?.value])
    const present = ['PRESENT', 1]
    const [old, none] = [
      ['OUTSIDE_MAX_AGE', null],
      ['NOT_FOUND', null],
    ]
    expect(column('to__humid')).toEqual([present, present, old, none, none])
    expect(column('from__humid')).toEqual([present, old, none, none, present])
    expect(column('to__temp')[0]).toEqual(['NULL_VALUE', null])
    expect(served[2]?.['to__humid']?.event_timestamp).toBe('2023-12-31T22:59:59.999999Z')
    expect(served).toHaveLength(130)
  })

  it('sends request values of every type over HTTP and does not read derived features from the table', async () => {
    await using server = await disposable(startEmbeddedDynamoDb())
    await using store = await temporaryStore({ definitions: [], now: NOW_MS, server })
    const world = { ...store, plan: echoPlan }
    await using front = await disposable(startHttpFront({ handler: getOnlineFeatures(world, { log: LOG }) }))
    const { joinKeys = [], request = [], derived = [] } = echoPlan.services['echo'] ?? {}
    const json = (columns: readonly Column[], row: Readonly<Record<string, Value>>): string =>
      `{${columns.map(({ name, type }) => `"${name}":${jsonCodec(type).write(row[name] ?? null)}`).join(',')}}`
    const rows = ECHO_ROWS.map(({ asked }) => json([...joinKeys, ...request], asked))
    const printed = await run(
      { 'echo_client.py': clientOf(echoPlan) },
      {
        command: 'python',
        args: ['ask_echo.py'],
        own: ['ask_echo.py'],
        input: `{"url":"${front.url}","rows":[${rows.join(',')}]}`,
      },
    )
    expect(parseJson(printed)).toEqual({
      answered: ECHO_ROWS.map(({ answered }) => parseJson(json(derived, answered))),
      refused: [
        'no item of the table holds the features of echo; read it through Api',
        "entities[0]['of_int32'] of echo is no int32",
        "entities[0]['of_bool'] of echo is no bool",
      ],
    })
  })

  it('signs as docs/clients.md shows, receives masks and reports errors', async () => {
    const credentials = { consumers: { scorer: { accessKeyId: 'key-scorer', secretAccessKey: 'scorer' } } }
    await using server = await disposable(startEmbeddedDynamoDb())
    await using store = await temporaryStore({ definitions: [], now: NOW_MS, server })
    const features = [47n, '4111111111111234', 'ann@example.com', 3n]
    const times = { eventTimestamp: 0n, createdTimestamp: null, rowHash: '' }
    await store.online.write([encodeItem(profileView, { keys: ['ann'], ...times, features })])
    const world = { ...store, plan: guardedPlan, maskSecret: 's'.repeat(32) }
    const authorizer = iamAuthorizer({ consumers: Object.values(guardedPlan.consumers), credentials })
    const handler = getOnlineFeatures(world, { log: LOG })
    await using front = await disposable(startHttpFront({ handler, authorizer }))
    await using silent = await disposable(
      startHttpFront({
        handler: async () => {
          await new Promise(resolve => setTimeout(resolve, 1_000))
          return { statusCode: 200, body: '{}' }
        },
      }),
    )
    const printed = await run(
      {
        'store_client.py': clientOf(guardedPlan),
        'features.py': flightsClient,
        'program.py': await programOfPage(),
      },
      { own: ['ask_guarded.py'], command: 'python', args: ['ask_guarded.py', front.url, silent.url] },
    )
    expect(JSON.parse(printed)).toEqual({
      row: {
        age: ['MASKED', null],
        card: ['MASKED', '****1234'],
        email: ['MASKED', expect.stringMatching(/^[0-9a-f]{64}$/)],
        visits: ['PRESENT', 3],
        score: ['NOT_FOUND', null],
      },
      same: true,
      unsigned: ['unauthenticated', 401, true, null, expect.stringContaining('sign it')],
      forged: ['refused', 403, false, null, expect.stringContaining('Signature not current')],
      'bad key': "entities[0]['person'] of approval is no string",
      silent: ['no-answer', null, false, null, expect.stringContaining('timed out')],
      nobody: [
        'no-answer',
        null,
        false,
        null,
        expect.stringContaining('http://127.0.0.1:1/get-online-features'),
      ],
    })
  })
})

/** Closed at the end of the block. */
async function disposable<T extends { readonly close: () => Promise<void> }>(starting: Promise<T>) {
  const started = await starting
  return { ...started, [Symbol.asyncDispose]: started.close }
}
