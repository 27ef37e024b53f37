import { crc32 } from 'node:zlib'

/** A text with a checksum, so that a flipped bit is detected when the text is read. */
export interface CheckedText {
  readonly text: string
  readonly checksum: number
}

export const checksumOf = (text: string): number => crc32(text)

export const isIntact = ({ text, checksum }: CheckedText): boolean => crc32(text) === checksum
