import { crc32 } from 'node:zlib'

/** Texts with a checksum beside them: a flipped bit is found when the text is read. */
export interface CheckedText {
  readonly text: string
  readonly checksum: number
}

export const checksumOf = (text: string): number => crc32(text)

export const isIntact = ({ text, checksum }: CheckedText): boolean => crc32(text) === checksum
