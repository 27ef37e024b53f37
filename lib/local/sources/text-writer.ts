/** Writes a copy of a source's records as unambiguous CSV: all fields quoted, lines ended by LF. */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

const PART_BYTES = 1024 * 1024
const COMMA = 0x2c
const QUOTE = 0x22
const LF = 0x0a

export class TextWriter {
  readonly #file: WriteStream
  #part = Buffer.allocUnsafe(PART_BYTES)
  #used = 0
  #full = false
  #failure: unknown = null
  /** Length of the longest line, in bytes. */
  longestBytes = 0
  /** Whether any cell contains a line break. */
  hasBreaks = false
  #lineBytes = 0

  static async open(path: string): Promise<TextWriter> {
    await mkdir(dirname(path), { recursive: true })
    return new TextWriter(path)
  }

  private constructor(path: string) {
    this.#file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    this.#file.on('error', error => {
      this.#failure = error
    })
  }

  /** Writes bytes that are already in the output form. */
  raw(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    const at = this.#room(length)
    this.#part.set(bytes.subarray(from, to), at)
    this.#used += length
    this.#lineBytes += length
  }

  quoted(text: string): void {
    this.hasBreaks ||= /[\r\n]/.test(text)
    const bytes = Buffer.from(`"${text.replaceAll('"', '""')}"`)
    this.raw(bytes, 0, bytes.length)
  }

  /** Writes bytes that contain no quote character, in quotes. */
  quotedBytes(bytes: Uint8Array, from: number, to: number): void {
    this.#byte(QUOTE)
    this.raw(bytes, from, to)
    this.#byte(QUOTE)
  }

  comma(): void {
    this.#byte(COMMA)
  }

  endLine(): void {
    this.#byte(LF)
    this.longestBytes = Math.max(this.longestBytes, this.#lineBytes)
    this.#lineBytes = 0
  }

  async drained(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (this.#full) await once(this.#file, 'drain')
    this.#full = false
  }

  async close(): Promise<void> {
    this.#flush()
    this.#file.end()
    await once(this.#file, 'close')
    if (this.#failure !== null) throw this.#failure
  }

  #byte(byte: number): void {
    const at = this.#room(1)
    this.#part[at] = byte
    this.#used++
    this.#lineBytes++
  }

  /** @returns the offset in the buffer at which `length` bytes can be written */
  #room(length: number): number {
    if (this.#used + length > this.#part.length) {
      this.#flush()
      if (length > this.#part.length) this.#part = Buffer.allocUnsafe(length)
    }
    return this.#used
  }

  #flush(): void {
    if (this.#used === 0) return
    this.#full = !this.#file.write(this.#part.subarray(0, this.#used)) || this.#full
    this.#part = Buffer.allocUnsafe(PART_BYTES)
    this.#used = 0
  }
}
