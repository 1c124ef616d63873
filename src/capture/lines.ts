import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { fail } from '../core/index.ts'

const CHUNK_BYTES = 1 << 18

type Packing = 'plain' | 'gzip' | 'zstd'

/** `whole` is false for a last line that no line break ends. */
export type TakeLine = (line: string, number: number, whole: boolean) => boolean | void

/**
 * Hands over the lines of a file, unpacked as a stream (gzip and zstd are told by their first bytes), until `take` answers
 * false. @returns lines seen. @throws RM_CAPTURE_READ for a file that is missing, cut off, or not packed as its name says.
 */
export async function readLines(path: string, take: TakeLine): Promise<number> {
  let number = 0
  let rest = ''
  let source: Readable | null = null
  try {
    const packing = packingOf(path)
    const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
    source = file
    const stream = packing === 'plain' ? file : file.pipe(packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES }))
    // A pipe does not pass errors of its source on.
    if (stream !== file) file.on('error', (error) => stream.destroy(error))
    stream.setEncoding('utf8')
    for await (const chunk of stream) {
      const text = rest + String(chunk)
      let from = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        number++
        if (hand(text.slice(from, end), number, true, take)) return number
        from = end + 1
      }
      rest = text.slice(from)
    }
  } catch (error) {
    if (error instanceof LineError) throw error.cause
    fail('RM_CAPTURE_READ', { file: path, line: number }, error)
  } finally {
    source?.destroy()
  }
  if (rest !== '') {
    number++
    try {
      hand(rest, number, false, take)
    } catch (error) {
      throw error instanceof LineError ? error.cause : error
    }
  }
  return number
}

/** What the taker threw, kept apart from what the stream threw. */
class LineError extends Error {}

function hand(line: string, number: number, whole: boolean, take: TakeLine): boolean {
  try {
    return take(line.endsWith('\r') ? line.slice(0, -1) : line, number, whole) === false
  } catch (error) {
    throw new LineError('', { cause: error })
  }
}

function packingOf(path: string): Packing {
  const head = Buffer.alloc(4)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, head, 0, 4, 0)
  } finally {
    closeSync(fd)
  }
  const found = head.readUInt16BE(0) === 0x1f8b ? 'gzip' : head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'plain'
  const promised = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : found
  if (promised !== found) throw new Error(`the name promises ${promised}, the first bytes are ${found}`)
  return found
}
