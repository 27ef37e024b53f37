/**
 * DuckDB silently truncates two kinds of Parquet instants to microseconds: those with a zone, and Spark's INT96. This
 * check accepts values without a part below microseconds and refuses all others.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetRead } from 'hyparquet'
import { StoreError } from '../../store-error.ts'
import type { SourceFile } from './source-paths.ts'

const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
}

export interface NanosecondsProps {
  readonly source: string
  readonly file: SourceFile
  /** Top-level columns with such instants. */
  readonly columns: readonly string[]
  /** Columns, in lower case, whose values must not appear in messages. */
  readonly hidden: ReadonlySet<string>
}

/** @throws {StoreError} `columns-misfit`, `source-unreadable` */
export async function checkNanoseconds({ source, file, columns, hidden }: NanosecondsProps): Promise<void> {
  for (const column of columns) {
    const { finer, first } = await findFiner(file.path, column).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const sentence = `source '${source}': file ${file.name}: column ${column} has nanoseconds, which could not be looked at (${reason}); write it in microseconds`
      throw new StoreError('source-unreadable', sentence, { cause })
    })
    if (finer > 0)
      throw new StoreError(
        'columns-misfit',
        `source '${source}': file ${file.name}: column ${column}: ${finer} instants are finer than microseconds, which a timestamp holds${hidden.has(column.toLowerCase()) ? '' : `, such as ${first} nanoseconds after 1970-01-01T00:00:00Z`}; write them in microseconds. Nothing was read.`,
      )
  }
}

interface FinerInstants {
  readonly finer: number
  readonly first: bigint | null
}

async function findFiner(path: string, column: string): Promise<FinerInstants> {
  let finer = 0
  let first: bigint | null = null
  await parquetRead({
    file: await asyncBufferFromFile(path),
    columns: [column],
    compressors,
    parsers: {
      timestampFromNanoseconds: nanoseconds => {
        if (nanoseconds % 1_000n !== 0n) {
          finer++
          first ??= nanoseconds
        }
        return null
      },
    },
    onChunk: () => {},
  })
  return { finer, first }
}
