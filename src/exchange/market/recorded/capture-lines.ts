import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { fail } from '../../../core/index.ts'

/**
 * Hands over the lines of a capture file, gunzipped as a stream when its name ends in `.gz`.
 * @throws RM_EXCHANGE_CAPTURE_READ for a file that is missing, cut off or no gzip.
 */
export async function readLines(path: string, take: (line: string, number: number) => void): Promise<void> {
  let number = 0
  let rest = ''
  const taken = (line: string): void => {
    number++
    if (line !== '') take(line, number)
  }
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file
  // A pipe does not pass errors of its source on.
  if (stream !== file) file.on('error', (error) => stream.destroy(error))
  stream.setEncoding('utf8')
  const chunks = stream[Symbol.asyncIterator]()
  for (;;) {
    let chunk: IteratorResult<unknown>
    try {
      chunk = await chunks.next()
    } catch (error) {
      file.destroy()
      fail('RM_EXCHANGE_CAPTURE_READ', { file: path, line: number }, error)
    }
    if (chunk.done === true) break
    const text = rest + String(chunk.value)
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      taken(text.slice(from, end))
      from = end + 1
    }
    rest = text.slice(from)
  }
  if (rest !== '') taken(rest)
}
