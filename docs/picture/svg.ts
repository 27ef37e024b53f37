/** The graph as an SVG: plain shapes, one style sheet, light and dark. */
import type { Graph, Link, Part } from './graph.ts'
import { ACTORS, PANELS, PLACES, type Place, SIZE } from './places.ts'

interface Colours {
  readonly page: string
  readonly ink: string
  readonly dim: string
  readonly line: string
  readonly panel: string
  readonly box: string
  readonly reads: string
  readonly writes: string
  readonly calls: string
}

const LIGHT: Colours = {
  page: '#ffffff',
  ink: '#1f2328',
  dim: '#59636e',
  line: '#d1d9e0',
  panel: '#f6f8fa',
  box: '#ffffff',
  reads: '#0969da',
  writes: '#1a7f37',
  calls: '#8250df',
}
const DARK: Colours = {
  page: '#0d1117',
  ink: '#f0f6fc',
  dim: '#9198a1',
  line: '#3d444d',
  panel: '#151b23',
  box: '#212830',
  reads: '#4493f8',
  writes: '#3fb950',
  calls: '#ab7df8',
}

const coloured = (colours: Colours): string => `
.page { fill: ${colours.page} }
text { fill: ${colours.ink} }
.kind, .note { fill: ${colours.dim} }
.panel { fill: ${colours.panel}; stroke: ${colours.line} }
.part { fill: ${colours.box}; stroke: ${colours.line} }
.actor { fill: ${colours.page}; stroke: ${colours.dim} }
${(['reads', 'writes', 'calls'] as const).map(what => `.${what} { stroke: ${colours[what]} } .head-${what} { fill: ${colours[what]} }`).join('\n')}`

const STYLE = `
text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif }
.kind, .note { font-size: 10.5px }
.title { font-weight: 600 }
.actor { stroke-dasharray: 4 3 }
.link { fill: none; stroke-width: 1.4 }${coloured(LIGHT)}
@media (prefers-color-scheme: dark) {${coloured(DARK)}
}
`

const TITLES: Readonly<Record<string, string>> = {
  serving: 'serving',
  push: 'push',
  online: 'online · holds data',
  offline: 'offline · holds data',
  materialization: 'materialization',
  monitoring: 'monitoring',
}

export function svgOf(graph: Graph): string {
  const body = [
    rect({ x: 0, y: 0, ...SIZE }, 'page', 0),
    ...Object.keys(PANELS).map(panel),
    ...graph.links.map(link),
    ...Object.entries(ACTORS).map(([, { place, to }]) => arrow('calls', place, placeOf(to))),
    ...graph.parts.map(part),
    ...Object.entries(ACTORS).map(([name, { place }]) => `${rect(place, 'actor')}${centred(place, name)}`),
    monitoring(graph),
    legend(),
  ]
  const { width, height } = SIZE
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The stacks of a store, their parts, and who reads, writes and calls whom">
<style>${STYLE}</style>
<defs>${['reads', 'writes', 'calls'].map(head).join('')}</defs>
${body.join('\n')}
</svg>
`
}

function placeOf(id: string): Place {
  const place = PLACES[id]
  if (place === undefined)
    throw new Error(`the picture has no place for ${id}: give it one in docs/picture/places.ts`)
  return place
}

const head = (what: string): string =>
  `<marker id="${what}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="head-${what}"/></marker>`

const rect = ({ x, y, width, height }: Place, kind: string, radius = 6): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" class="${kind}"/>`

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x}" y="${y}"${more}>${content}</text>`

const centred = ({ x, y, width, height }: Place, content: string): string =>
  text(x + width / 2, y + height / 2 + 4, content, ' text-anchor="middle"')

function panel(stack: string): string {
  const place = PANELS[stack]
  if (place === undefined) throw new Error(`the picture has no panel for stack ${stack}`)
  return `${rect(place, 'panel', 10)}${text(place.x + 16, place.y + 26, TITLES[stack] ?? stack, ' class="title"')}`
}

function part({ id, label, kind }: Part): string {
  const place = placeOf(id)
  const middle = place.x + place.width / 2
  return [
    rect(place, 'part'),
    text(middle, place.y + 20, label, ' text-anchor="middle"'),
    text(middle, place.y + 36, kind, ' text-anchor="middle" class="kind"'),
  ].join('')
}

/** A reader's arrow comes from what it reads. */
const link = ({ from, to, what }: Link): string =>
  what === 'reads' ? arrow(what, placeOf(to), placeOf(from)) : arrow(what, placeOf(from), placeOf(to))

const round = (value: number): number => Math.round(value * 10) / 10

/** A curve from the side of a box to the side of another; straight down where one is below the other. */
function arrow(what: Link['what'], from: Place, to: Place): string {
  const above = Math.abs(from.x + from.width / 2 - (to.x + to.width / 2)) < 60
  return `<path class="link ${what}" d="${above ? vertical(what, from, to) : horizontal(what, from, to)}" marker-end="url(#${what})"/>`
}

/** Arrows of different kinds do not lie upon each other. */
const SHIFT = { reads: -7, writes: 7, calls: 0 } as const

function vertical(what: Link['what'], from: Place, to: Place): string {
  const x = to.x + to.width / 2 + 2 * SHIFT[what]
  const down = from.y < to.y
  return `M${x} ${down ? from.y + from.height : from.y}L${x} ${down ? to.y : to.y + to.height}`
}

function horizontal(what: Link['what'], from: Place, to: Place): string {
  const right = from.x < to.x
  const [x1, x2] = right ? [from.x + from.width, to.x] : [from.x, to.x + to.width]
  const [y1, y2] = [from, to].map(place => place.y + place.height / 2 + SHIFT[what])
  const bend = round((x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}

function monitoring({ counts }: Graph): string {
  const { x, y } = PANELS['monitoring'] ?? SIZE_OF_NOTHING
  const of = (type: string): number => counts['monitoring']?.[type] ?? 0
  const told = [
    `${of('AWS::CloudWatch::Alarm')} alarms`,
    `${of('AWS::CloudWatch::Dashboard')} dashboard`,
    ...(of('AWS::SNS::Topic') > 0 ? ['a topic for alarms'] : []),
    ...(of('AWS::Budgets::Budget') > 0 ? ['a budget'] : []),
    ...(of('AWS::CloudTrail::Trail') > 0 ? ['a trail of reads and writes'] : []),
  ]
  return text(x + 16, y + 44, told.join(' · '), ' class="note"')
}

const SIZE_OF_NOTHING = { x: 0, y: 0 }

const legend = (): string =>
  (['reads', 'writes', 'calls'] as const)
    .map((what, i) => {
      const x = 150 + i * 110
      return `<path class="link ${what}" d="M${x} 34L${x + 34} 34" marker-end="url(#${what})"/>${text(x + 42, 38, what, ' class="note"')}`
    })
    .join('')
