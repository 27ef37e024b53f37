/** Reads and decompresses a text file, and checks every byte. A truncated file is refused. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { FileFault } from '../../offline/text/file-fault.ts'
import { hasCode } from '../files/error-code.ts'

/** Consumes the bytes of one file in order. */
export interface TextSink {
  readonly push: (chunk: Buffer) => void
  readonly end: () => void
  /** Current line number, from 1. */
  readonly line: number
  /** Waits for backpressure of the output. @default no output */
  readonly drained?: () => Promise<void>
}

const CHUNK_BYTES = 1024 * 1024

/** The compressed data is truncated or damaged. */
export class CompressionFault extends Error {}

export const isCompressed = (path: string): boolean => /\.(gz|zst)$/i.test(path)

/** @throws {FileFault | CompressionFault} */
export async function readText(path: string, sink: TextSink): Promise<void> {
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const decompress = decompressor(path)
  const take = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    const guard = new Utf8Guard(sink)
    for await (const chunk of chunks) {
      guard.check(chunk)
      sink.push(chunk)
      await sink.drained?.()
    }
    guard.end()
    sink.end()
    await sink.drained?.()
  }
  if (decompress === null) return pipeline(input, take)
  await pipeline(input, decompress, take).catch(damaged)
  if (decompress.bytesWritten !== (await stat(path)).size)
    throw new CompressionFault(
      'bytes follow its compressed data; compress it in one part (gzip may have several)',
    )
}

function damaged(error: unknown): never {
  if (hasCode(error, 'Z_BUF_ERROR')) throw new CompressionFault('it ends in the middle: it was cut short')
  if (DAMAGED.some(code => hasCode(error, code)))
    throw new CompressionFault('its compressed data is damaged, or not compressed at all')
  throw error
}

const DAMAGED = [
  'Z_DATA_ERROR',
  'Z_NEED_DICT',
  'ZSTD_error_prefix_unknown',
  'ZSTD_error_corruption_detected',
  'ZSTD_error_checksum_wrong',
  'ZSTD_error_frameParameter_unsupported',
]

function decompressor(path: string): Gunzip | ZstdDecompress | null {
  if (/\.gz$/i.test(path)) return createGunzip({ chunkSize: CHUNK_BYTES })
  return /\.zst$/i.test(path) ? createZstdDecompress({ chunkSize: CHUNK_BYTES }) : null
}

/** First bytes of files of other formats. */
const FORMATS = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['ZIP (as .xlsx is)', [0x50, 0x4b, 0x03, 0x04]],
  ['Parquet', [...Buffer.from('PAR1')]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
] as const

function refuseOtherFormat(chunk: Buffer): void {
  const found = FORMATS.find(([, bytes]) => bytes.every((byte, i) => chunk[i] === byte))
  // A CSV header may begin with these letters.
  if (found !== undefined && !isUtf8(chunk.subarray(0, chunk.length - unfinished(chunk))))
    throw new FileFault('other-format', 1, found[0])
}

/** Checks UTF-8; a character may be split between two chunks. */
class Utf8Guard {
  readonly #sink: TextSink
  #rest: Buffer = Buffer.alloc(0)
  #isFirst = true

  constructor(sink: TextSink) {
    this.#sink = sink
  }

  check(chunk: Buffer): void {
    if (this.#isFirst) refuseOtherFormat(chunk)
    this.#isFirst = false
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const whole = bytes.length - unfinished(bytes)
    this.#refuse(bytes.subarray(0, whole))
    this.#rest = Buffer.from(bytes.subarray(whole))
  }

  end(): void {
    if (this.#rest.length > 0) throw new FileFault('not-utf8', this.#sink.line)
  }

  #refuse(bytes: Buffer): void {
    const nul = bytes.indexOf(0)
    if (nul >= 0) throw new FileFault('nul', this.#sink.line + breaks(bytes.subarray(0, nul)))
    if (isUtf8(bytes)) return
    let [good, bad] = [0, bytes.length]
    while (bad - good > 4) {
      const middle = (good + bad) >> 1
      const part = bytes.subarray(0, middle)
      if (isUtf8(part.subarray(0, middle - unfinished(part)))) good = middle
      else bad = middle
    }
    throw new FileFault('not-utf8', this.#sink.line + breaks(bytes.subarray(0, good)))
  }
}

/** Number of bytes at the end that belong to an incomplete character. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}

function breaks(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++
  return count
}
