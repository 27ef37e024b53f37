/** A small store whose definitions change between two deploys. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyProject, type Project } from '../cli/quern.ts'

const LANGUAGE = `import { entity, environment, featureService, featureView, fileSource } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
`

const environment = (name: string, props = ''): string =>
  `export const place = environment({ name: '${name}', region: 'eu-central-1'${props} })\n`

/** Sales and stock by the tills. */
const FIRST = `
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64', level: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' } })
const stock = featureView({ name: 'stock', entities: [shop], source: tills, features: { level: 'int64' } })
export const turnover = featureService({ name: 'turnover', features: [sales, stock] })
`

/** Sales have a feature more, visits are new, stock is gone. */
const SECOND = `
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64', refunds: 'int64', visits: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills,
  features: { amount: 'int64', refunds: 'int64' } })
const visits = featureView({ name: 'visits', entities: [shop], source: tills, features: { visits: 'int64' } })
export const turnover = featureService({ name: 'turnover', features: [sales, visits] })
`

const TILLS = [
  'shop,at,amount,level\na,2024-01-01T00:00:00Z,1,10\nb,2024-01-01T00:00:00Z,2,20\na,2024-01-02T00:00:00Z,3,30\n',
  'shop,at,amount,refunds,visits\na,2024-01-03T00:00:00Z,4,1,100\nc,2024-01-03T00:00:00Z,5,,200\n',
] as const

export interface ShopsProps {
  readonly environment: string
  /** More of it, as it stands in the definitions. @default nothing */
  readonly props?: string
}

/** @param version of the definitions, and of what the tills have to say */
export async function writeShops(project: Project, version: 1 | 2, props: ShopsProps): Promise<void> {
  const definitions = join(project.path, 'definitions')
  await mkdir(definitions, { recursive: true })
  const store = version === 1 ? FIRST : SECOND
  await writeFile(
    join(definitions, 'store.ts'),
    LANGUAGE + store + environment(props.environment, props.props),
  )
  await writeFile(join(project.path, 'tills.csv'), TILLS[version - 1] ?? '')
}

export async function shops(props: ShopsProps): Promise<Project> {
  const project = await emptyProject()
  await writeShops(project, 1, props)
  return project
}
