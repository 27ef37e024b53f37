import { expect, it } from '@jest/globals'
import { featureView, viewSource } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { viewsInOrder } from '../../lib/plan/order.ts'
import { airport, all, weather } from '../compiler/example.ts'

const keys = (definitions: readonly unknown[]) =>
  viewsInOrder(compile(definitions)).map(level => level.map(view => view.key))
const reading = (name: string, view: string) =>
  featureView({ name, entities: [airport], source: viewSource({ view }), features: { temp: 'float64' } })

it('puts views over sources first, then views that read them, each level sorted by key', () => {
  expect(keys(all)).toEqual([['route_delay@1', 'weather@1'], ['weather_mean@1']])
})

it('puts each view one level after the view that it reads, regardless of names', () => {
  const chain = [
    reading('a', 'b'),
    reading('b', 'c'),
    reading('c', 'weather'),
    reading('z', 'weather'),
    weather,
  ]
  expect(keys(chain)).toEqual([['weather@1'], ['c@1', 'z@1'], ['b@1'], ['a@1']])
})

it('returns no levels without views', () => {
  expect(keys([])).toEqual([])
})
