import { basename } from 'node:path'
import { fail, RingmasterError } from '../core/index.ts'
import { readBybitL5Row } from './bybit-l5.ts'
import type { CaptureSink } from './events.ts'
import { leanBars, leanFunding } from './lean.ts'
import { LineReader } from './line-reader.ts'
import { readLines } from './lines.ts'
import { readRecorderLine } from './recording.ts'
import { dialectOf, sniff, type Sniffed } from './sniff.ts'
import { NO_STAMP, readEpochDigits, readEpochSeconds, type Stamp } from './stamp.ts'
import { tables } from './tables.ts'

/** Lines looked at to tell what a file is. */
const HEAD_LINES = 400

/** A recorded file whose format is known. */
export interface Capture {
  readonly file: string
  /** For people: "Binance, stamped lines". */
  readonly format: string
  readonly sniffed: Sniffed
  /**
   * Reads the file, every line of it, or `lineLimit` lines from the start. Events come in file order.
   * @returns lines read. @throws RM_CAPTURE_READ, RM_CAPTURE_LINE
   */
  read(sink: CaptureSink, lineLimit?: number): Promise<number>
}

/**
 * Tells what a recorded file is by its content, never by its name alone.
 * @throws RM_CAPTURE_READ, RM_CAPTURE_FORMAT
 */
export async function openCapture(file: string): Promise<Capture> {
  const head: string[] = []
  await readLines(file, (line) => head.push(line) < HEAD_LINES)
  const sniffed = sniff(head)
  if (typeof sniffed === 'string') return fail('RM_CAPTURE_FORMAT', { file, problem: sniffed })
  return { file, format: formatOf(sniffed), sniffed, read: (sink, lineLimit = Number.POSITIVE_INFINITY) => read(file, sniffed, sink, lineLimit) }
}

function formatOf({ framing, venue, header }: Sniffed): string {
  if (framing === 'table') return tables.find((one) => one.header === header)!.format
  const words = { stamped: ', stamped lines', recording: ', own recording', bare: ', bare lines', cryptofeed: ', cryptofeed lines', 'bybit l5': 'Bybit five-level CSV', 'lean bars': 'Lean bars', 'lean funding': 'Lean funding' }[framing]
  return venue === null ? words : `${venue}${words}`
}

function read(file: string, sniffed: Sniffed, sink: CaptureSink, lineLimit: number): Promise<number> {
  const at = new LineReader(file, sink, NO_STAMP)
  const take = takerOf(at, sniffed)
  const tolerant = sniffed.framing === 'recording'
  return readLines(file, (line, number, whole) => {
    at.line = number
    if (line !== '') {
      try {
        take(line)
      } catch (error) {
        // A recorder that was killed leaves part of a line: what is before it is whole. A line without its break that reads is whole too.
        if (whole || !tolerant) throw error
        at.stamp = NO_STAMP
        at.control('torn', new RingmasterError('RM_CAPTURE_TORN', { file, line: number, bytes: Buffer.byteLength(line) }).message)
      }
    }
    return number < lineLimit
  })
}

function takerOf(at: LineReader, sniffed: Sniffed): (line: string) => void {
  const { framing, venue, header } = sniffed
  switch (framing) {
    case 'table': {
      const row = tables.find((one) => one.header === header)!.reader(at, symbolInName(at.file))
      return (line) => line === header || row(line.split(','))
    }
    case 'bybit l5':
      return (line) => readBybitL5Row(at, line)
    case 'lean funding': {
      const row = leanFunding(at, symbolInName(at.file))
      return (line) => row(line.split(','))
    }
    case 'lean bars': {
      let row: ((cells: readonly string[]) => void) | null = null
      return (line) => {
        const cells = line.split(',')
        row ??= leanBars(at, symbolInName(at.file), dayInName(at.file), cells.length)
        row(cells)
      }
    }
    case 'stamped':
    case 'recording':
    case 'bare':
    case 'cryptofeed': {
      const dialect = dialectOf(venue!, at, sniffed.symbol ?? symbolInName(at.file))
      const message = (json: string): void => {
        // The pong of OKX is the one frame that is no JSON.
        if (json === 'pong') at.control('answer', json)
        else {
          const object = at.object(json)
          if (framing === 'recording' && object['recorder'] !== undefined) readRecorderLine(at, dialect, object)
          else dialect.message(object)
        }
      }
      if (framing === 'bare') return message
      if (framing === 'cryptofeed') return (line) => cryptofeedLine(at, line, message, (url, json) => dialect.rest?.(url, at.object(json)))
      return (line) => {
        const space = line.indexOf(' ')
        const digits = space < 0 ? line.slice(0, 40) : line.slice(0, space)
        at.stamp = readEpochDigits(digits) ?? at.bad(`receive time "${digits}" has neither 16 nor 19 digits`)
        message(line.slice(space + 1))
      }
    }
  }
}

/** `URL <-> time` opened, `URL <- time: {json}` sent, `URL -> time: {json}` answered, `time: {json}` received, `configuration: {json}`. */
function cryptofeedLine(at: LineReader, line: string, message: (json: string) => void, rest: (url: string, json: string) => void): void {
  const received = /^([\d.]+): (.*)$/.exec(line)
  const stamp = (text: string): Stamp => readEpochSeconds(text) ?? at.bad(`receive time "${text}" is no time in seconds`)
  if (received !== null) {
    at.stamp = stamp(received[1]!)
    message(received[2]!)
    return
  }
  const other = /^(\S+) (<->|<-|->) ([\d.]+)(?:: (.*))?$/.exec(line)
  if (other !== null) {
    const [, url, arrow, time, json = ''] = other as unknown as [string, string, string, string, string?]
    at.stamp = stamp(time)
    if (arrow === '->') rest(url, json)
    else at.control(arrow === '<->' ? 'opened' : 'sent', arrow === '<->' ? url : json)
    return
  }
  if (!line.startsWith('configuration: ')) at.bad('neither a received nor a sent line')
  at.stamp = NO_STAMP
  at.control('note', line)
}

/** The symbol in the name of a file that does not hold it: `BTC-USDT-SWAP_5m_2022.csv.gz`, `…_trades_LTCUSDT_….csv.gz`. */
export function symbolInName(file: string): string {
  const words = basename(file).split('.')[0]!.split('_')
  return (words.find((word) => /^[A-Za-z0-9]+-(?:USDT|USDC|USD)(?:-|$)/.test(word)) ?? words.find((word) => /^[A-Za-z0-9]{2,}(?:USDT|USDC|USD)$/i.test(word)) ?? words[0]!).toUpperCase()
}

function dayInName(file: string): number {
  const day = /(?:^|[^0-9])(20\d\d)(\d\d)(\d\d)(?:[^0-9]|$)/.exec(basename(file))
  const ms = day === null ? Number.NaN : Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`)
  return Number.isNaN(ms) ? fail('RM_CAPTURE_FORMAT', { file, problem: 'bars count from midnight, and no day (yyyymmdd) stands in the name' }) : ms
}
