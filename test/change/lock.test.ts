import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { entity, featureView, fileSource } from 'quern'
import { deprecate, LifecycleError, restore, retire } from '../../lib/change/lifecycle.ts'
import { LockError, lifecycleOf, lockOf, lockText, parseLock } from '../../lib/change/lock.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { CompileError } from '../../lib/compiler/diagnostics/diagnostics.ts'
import { definitions, lockedAs, planOf } from '../compiler/changing-store.ts'
import { definitions as flights } from '../golden/golden.ts'

const lock = lockedAs({ above: true })
/** A lock of a quern version that wrote no checksum. */
const earlier = lockText(lock).replace(/\n.*"checksum".*/, '')
const DEPRECATION = { since: '2026-01-01', until: '2026-06-01', message: 'take weather@2' }

describe('the lock', () => {
  it('of the example store equals the committed file', () => {
    const committed = readFileSync(new URL('../../definitions/quern.lock.json', import.meta.url), 'utf8')
    const there = parseLock(committed, 'definitions/quern.lock.json')
    expect(lockText(lockOf(compile(flights, lifecycleOf(there)), there))).toBe(committed)
  })

  it('has one line per feature, and the same text for any order of definitions', () => {
    const text = lockText(lock)
    expect(text).toContain('\n        "wind": "string masked null"\n')
    expect(text).toContain('"weather__temp": "weather@1:temp float64 as temp by airport=airport"')
    expect(lockText(lockOf(compile(definitions({ above: true }).toReversed()), null))).toBe(text)
    expect(parseLock(text, 'it')).toEqual(lock)
  })

  it('contains the CSV options, which are part of the semantic hash', () => {
    const locked = (csv: object) => {
      const source = fileSource({ name: 's', path: 'a.csv', eventTimestamp: 'at', ...csv })
      const thing = entity({ name: 'thing', joinKeys: { id: 'int64' } })
      return lockOf(
        compile([featureView({ name: 'v', entities: [thing], source, features: { x: 'int64' } })]),
        null,
      )
    }
    const made = locked({ csv: { delimiter: ';', nulls: ['NA'] } })
    expect(parseLock(lockText(made), 'it')).toEqual(made)
    expect(made.views['v@1']?.source).toMatchObject({ csv: { delimiter: ';', nulls: ['NA'] } })
    expect(made.views['v@1']?.meaning).not.toBe(locked({}).views['v@1']?.meaning)
  })

  it('of an earlier version is accepted without a checksum, and formatting does not matter', () => {
    expect(parseLock(earlier, 'it')).toEqual(lock)
    expect(parseLock(JSON.stringify(JSON.parse(lockText(lock))), 'it')).toEqual(lock)
    expect(parseLock(lockText(lock).replaceAll('\n', '\r\n'), 'it')).toEqual(lock)
  })

  it.each([
    ['cut short', lockText(lock).slice(0, -3), /^x is no lock: SyntaxError/],
    ['in the middle of a merge', `<<<<<<< HEAD\n${lockText(lock)}`, /it holds the marks of a merge/],
    ['of another form', earlier.replace('"format": 1', '"format": 2'), /format: /],
    ['with a field that nobody knows', earlier.replace('"format"', '"x": 1,\n  "format"'), /"x"/],
    ['with a state that is none', earlier.replace('"active"', '"idle"'), /views › above@1 › state: /],
    ['with another value', lockText(lock).replace('float64', 'float32'), /does not match its checksum/],
    [
      'with a line of another lock',
      lockText(lock).replace(/\n.*"about".*/, ''),
      /does not match its checksum/,
    ],
    [
      'with another checksum',
      lockText(lock).replace(/("checksum": ")./, '$1x'),
      /does not match its checksum/,
    ],
  ])('%s is refused with the place and what to do', (_what, text, message) => {
    const parse = () => parseLock(text, 'x')
    expect(parse).toThrow(LockError)
    expect(parse).toThrow(message)
    expect(parse).toThrow(
      /take it from version control again, of a merge one side, and run quern plan --write; to keep what was changed by hand, remove its line "checksum" first$/,
    )
  })
})

describe('a version', () => {
  it('that is deprecated changes the hash of the plan, but not its semantic hash', () => {
    const next = deprecate(lock, 'weather@1', DEPRECATION)
    const [before, after] = [planOf({ above: true }), planOf({ above: true }, next)]
    expect(after.views['weather@1']).toEqual({ ...before.views['weather@1'], deprecated: DEPRECATION })
    expect(after.hash).not.toBe(before.hash)
    expect(lockOf(after, next).views).toEqual(next.views)
  })

  it('that is retired may not be defined again, even with the same content', () => {
    const next = retire(lock, 'above@1', { plan: planOf(), on: '2026-06-01' })
    const again = () => planOf({ above: true }, next)
    expect(again).toThrow(CompileError)
    expect(again).toThrow(/view above@1: above@1 was retired.* \[retired-version\].*quern restore/)
    expect(() => planOf({}, next)).not.toThrow()
  })

  it('that is restored equals the earlier version', () => {
    const retired = retire(lock, 'above@1', { plan: planOf(), on: '2026-06-01' })
    expect(restore(retired, 'above@1')).toEqual(lock)
    expect(restore(deprecate(lock, 'weather@1', DEPRECATION), 'weather@1')).toEqual(lock)
  })

  it('cannot be retired while a service, a consumer or a view reads it', () => {
    expect(() => retire(lock, 'weather@1', { plan: planOf({ above: true }), on: '2026-06-01' })).toThrow(
      'view weather@1 is still read by consumer reader, service delay, view above@1; move them to another version first',
    )
  })

  it.each([
    [
      'deprecated for no time',
      () => deprecate(lock, 'weather@1', { ...DEPRECATION, until: DEPRECATION.since }),
      /--until/,
    ],
    ['deprecated after its end', () => deprecate(ended(), 'above@1', DEPRECATION), /was retired on/],
    [
      'retired twice',
      () => retire(ended(), 'above@1', { plan: planOf(), on: '2026-07-01' }),
      /was retired on 2026-06-01 already/,
    ],
    ['restored where it is active', () => restore(lock, 'weather@1'), /is active/],
    [
      'restored where it never was',
      () => restore(lock, 'weather@7'),
      /the lock has no view 'weather@7'; it has above@1, weather@1/,
    ],
  ])('is not %s', (_what, act, message) => {
    expect(act).toThrow(LifecycleError)
    expect(act).toThrow(message)
  })

  const ended = () => retire(lock, 'above@1', { plan: planOf(), on: '2026-06-01' })
})
