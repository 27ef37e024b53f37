/** Trino 476 from Maven Central: what Athena's engine 3 is made of, with Iceberg tables in S3 and Glue. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, freePort, run, type Server, startServer } from './server-process.ts'

const VERSION = '476'
const PLUGINS = ['iceberg', 'hive']
/** Trino 476 needs Java 24 or later. */
const MIN_JAVA = 24
const HEAP = '3G'
const REGION = 'us-east-1'

/** Unpacked beside its place and renamed, so that it is there whole or not at all. @returns its folder */
async function install(): Promise<string> {
  const cache = cacheFolder()
  const home = join(cache, `trino-${VERSION}`)
  if (existsSync(home)) return home
  await mkdir(cache, { recursive: true })
  const archive = join(cache, `trino-server-${VERSION}.tar.gz`)
  if (!existsSync(archive)) {
    const artifact = `-Dartifact=io.trino:trino-server:${VERSION}:tar.gz`
    await run('mvn', ['--quiet', '--batch-mode', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`])
  }
  const unfinished = join(cache, `trino-${randomUUID()}`)
  await mkdir(unfinished)
  await run('tar', ['-xzf', archive, '-C', unfinished])
  const unpacked = join(unfinished, `trino-server-${VERSION}`)
  // Plugins share files by hard links, so all are unpacked before any goes.
  const others = (await readdir(join(unpacked, 'plugin'))).filter(name => !PLUGINS.includes(name))
  await Promise.all(others.map(name => rm(join(unpacked, 'plugin', name), { recursive: true })))
  await rename(unpacked, home)
  await rm(unfinished, { recursive: true })
  return home
}

/** @returns the `java` of a JDK that is new enough: QUERN_JAVA_HOME, JAVA_HOME, or one under /usr/lib/jvm */
async function findJava(): Promise<string> {
  const under = '/usr/lib/jvm'
  const installed = existsSync(under) ? (await readdir(under)).map(name => join(under, name)) : []
  const homes = [process.env['QUERN_JAVA_HOME'], process.env['JAVA_HOME'], ...installed]
  for (const home of homes) {
    if (home === undefined || !existsSync(join(home, 'bin', 'java'))) continue
    const version = await run(join(home, 'bin', 'java'), ['--version'])
    if (Number(/^\w+ (\d+)/.exec(version)?.[1]) >= MIN_JAVA) return join(home, 'bin', 'java')
  }
  throw new Error(`Trino ${VERSION} needs a JDK ${MIN_JAVA} or later; name its folder in QUERN_JAVA_HOME`)
}

const properties = (entries: Readonly<Record<string, string>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

const storage = ({ endpoint, region = REGION }: TrinoProps) => ({
  'fs.native-s3.enabled': 'true',
  's3.endpoint': endpoint,
  's3.region': region,
  's3.path-style-access': 'true',
  's3.aws-access-key': 'test',
  's3.aws-secret-key': 'test',
})

const metastore = ({ endpoint, warehouse, region = REGION }: TrinoProps) => ({
  'hive.metastore.glue.endpoint-url': endpoint,
  'hive.metastore.glue.region': region,
  'hive.metastore.glue.aws-access-key': 'test',
  'hive.metastore.glue.aws-secret-key': 'test',
  'hive.metastore.glue.default-warehouse-dir': warehouse,
})

async function configure(port: number, props: TrinoProps): Promise<void> {
  const { folder, warehouse } = props
  const files = {
    'config.properties': {
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': String(port),
      'discovery.uri': `http://127.0.0.1:${port}`,
      'query.max-memory-per-node': '1GB',
      'memory.heap-headroom-per-node': '512MB',
      'catalog.management': 'static',
    },
    'catalog/iceberg.properties': {
      'connector.name': 'iceberg',
      'iceberg.expire-snapshots.min-retention': '0s',
      // Athena has one catalogue for tables of all formats.
      'iceberg.hive-catalog-name': 'glue',
      'iceberg.catalog.type': 'glue',
      ...metastore(props),
      ...storage(props),
    },
    // For UNLOAD alone, with a catalogue of its own (moto's lacks column statistics). Timestamps stay at the
    // connector's default, milliseconds, as Athena's tables that are not Iceberg have them.
    'catalog/hive.properties': {
      'connector.name': 'hive',
      'hive.metastore': 'file',
      'hive.metastore.catalog.dir': `${warehouse}/hive`,
      'hive.non-managed-table-writes-enabled': 'true',
      'hive.compression-codec': 'SNAPPY',
      ...storage(props),
    },
    // For tables of the Glue catalogue that are not Iceberg: they are read and never written.
    'catalog/glue.properties': {
      'connector.name': 'hive',
      'hive.metastore': 'glue',
      'hive.table-statistics-enabled': 'false',
      // As Athena reads folders.
      'hive.recursive-directories': 'true',
      ...metastore(props),
      ...storage(props),
    },
    'log.properties': { 'io.trino': 'WARN' },
  }
  await mkdir(join(folder, 'catalog'), { recursive: true })
  for (const [name, entries] of Object.entries(files))
    await writeFile(join(folder, name), properties(entries))
}

export interface TrinoProps {
  readonly folder: string
  /** Of S3 and Glue. */
  readonly endpoint: string
  /** `s3://bucket/path` */
  readonly warehouse: string
  /** @default us-east-1 */
  readonly region?: string
}

export interface Trino extends Server {
  readonly url: string
}

export async function startTrino(props: TrinoProps): Promise<Trino> {
  const [home, java, port] = [await install(), await findJava(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  await configure(port, props)
  const server = await startServer({
    name: 'trino',
    command: java,
    args: [
      `-Xmx${HEAP}`,
      '--enable-native-access=ALL-UNNAMED',
      '--sun-misc-unsafe-memory-access=allow',
      '-XX:+UseG1GC',
      '-XX:TieredStopAtLevel=4',
      '-Dnode.environment=conformance',
      `-Dnode.id=${randomUUID()}`,
      `-Dnode.data-dir=${join(props.folder, 'data')}`,
      `-Dconfig=${join(props.folder, 'config.properties')}`,
      `-Dlog.levels-file=${join(props.folder, 'log.properties')}`,
      `-Dplugin.dir=${join(home, 'plugin')}`,
      `-Dcatalog.config-dir=${join(props.folder, 'catalog')}`,
      '-cp',
      join(home, 'lib', '*'),
      'io.trino.server.TrinoServer',
    ],
    folder: props.folder,
    ready: async () => {
      const info = await fetch(`${url}/v1/info`)
      return info.ok && ((await info.json()) as { readonly starting?: boolean }).starting === false
    },
    patienceMs: 300_000,
  })
  return { url, ...server }
}
