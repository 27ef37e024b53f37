import { expect, it } from '@jest/globals'
import { featureView, viewSource } from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { viewsInOrder } from '../../lib/plan/order.ts'
import { airport, all, weather } from '../compiler/example.ts'

const keys = (definitions: readonly unknown[]) =>
  viewsInOrder(compile(definitions)).map(level => level.map(view => view.key))
const reading = (name: string, view: string) =>
  featureView({ name, entities: [airport], source: viewSource({ view }), features: { temp: 'float64' } })

it('puts views of sources first, then those that read them, each level by key', () => {
  expect(keys(all)).toEqual([['route_delay@1', 'weather@1'], ['weather_mean@1']])
})

it('puts each view right behind the one that it reads, whatever it is called', () => {
  const chain = [
    reading('a', 'b'),
    reading('b', 'c'),
    reading('c', 'weather'),
    reading('z', 'weather'),
    weather,
  ]
  expect(keys(chain)).toEqual([['weather@1'], ['c@1', 'z@1'], ['b@1'], ['a@1']])
})

it('has no levels without views', () => {
  expect(keys([])).toEqual([])
})
