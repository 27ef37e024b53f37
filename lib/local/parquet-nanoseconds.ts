/**
 * DuckDB cuts Parquet's instants with a zone, and those of Spark (INT96), to microseconds without a word. They are looked
 * at here: what has nothing below microseconds is read as it is, all else is refused.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetRead } from 'hyparquet'
import { StoreError } from '../store-error.ts'
import type { SourceFile } from './source-paths.ts'

const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
}

export interface NanosecondsProps {
  readonly source: string
  readonly file: SourceFile
  /** Top-level columns of such instants. */
  readonly columns: readonly string[]
}

/** @throws {StoreError} `columns-misfit`, `source-unreadable` */
export async function checkNanoseconds({ source, file, columns }: NanosecondsProps): Promise<void> {
  for (const column of columns) {
    const finer = await countFiner(file.path, column).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const sentence = `source '${source}': file ${file.name}: column ${column} has nanoseconds, which could not be looked at (${reason}); write it in microseconds`
      throw new StoreError('source-unreadable', sentence, { cause })
    })
    if (finer > 0)
      throw new StoreError(
        'columns-misfit',
        `source '${source}': file ${file.name}: column ${column}: ${finer} instants are finer than microseconds, which a timestamp holds; write them in microseconds. Nothing was read.`,
      )
  }
}

async function countFiner(path: string, column: string): Promise<number> {
  let finer = 0
  await parquetRead({
    file: await asyncBufferFromFile(path),
    columns: [column],
    compressors,
    parsers: {
      timestampFromNanoseconds: nanoseconds => {
        if (nanoseconds % 1_000n !== 0n) finer++
        return null
      },
    },
    onChunk: () => {},
  })
  return finer
}
