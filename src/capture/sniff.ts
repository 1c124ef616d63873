import { BinanceDialect } from './binance.ts'
import { BitmexDialect } from './bitmex.ts'
import { isBybitL5Row } from './bybit-l5.ts'
import { BybitV2Dialect } from './bybit-v2.ts'
import { BybitV5Dialect } from './bybit-v5.ts'
import { KrakenFuturesDialect } from './kraken-futures.ts'
import { isObject, type Dialect, type Json, type LineReader } from './line-reader.ts'
import { OkxV5Dialect } from './okx-v5.ts'
import { tables } from './tables.ts'

export type VenueFormat = 'Binance' | 'Bybit V5' | 'Bybit V2' | 'OKX V5' | 'BitMEX' | 'Kraken Futures'

/** How the lines of a file are put together. */
export type Framing =
  /** `<16 or 19 digits> {json}` */
  | 'stamped'
  /** As `stamped`, with lines of our own recorder. */
  | 'recording'
  /** `{json}` */
  | 'bare'
  /** cryptofeed: `<seconds>: {json}` and `URL -> <seconds>: {json}` */
  | 'cryptofeed'
  | 'bybit l5'
  | 'table'
  | 'lean bars'
  | 'lean funding'

export interface Sniffed {
  readonly framing: Framing
  readonly venue: VenueFormat | null
  /** The header of a table, '' otherwise. */
  readonly header: string
  /** The one symbol that the head of a Binance file names; '' when there are several, null when there is none. */
  readonly symbol: string | null
  /** Its head holds answers of REST requests only. */
  readonly answersOnly: boolean
  /** Number of a part of our own recordings, 0 for other files. */
  readonly part: number
}

const LEAN = /^\d{1,8}(?:,-?\d+(?:\.\d+)?){5}$|^\d{1,8}(?:,-?\d+(?:\.\d+)?){10}$/

/** What a file is, by its first lines. @returns a sentence when they are of no known format */
export function sniff(head: readonly string[]): Sniffed | string {
  const first = head.find((line) => line !== '')
  if (first === undefined) return 'there is nothing in it'
  const plain = { venue: null, header: '', symbol: '', answersOnly: false, part: 0 }
  if (tables.some(({ header }) => header === first)) return { ...plain, framing: 'table', header: first }
  if (isBybitL5Row(first)) return { ...plain, framing: 'bybit l5' }
  if (LEAN.test(first)) return { ...plain, framing: 'lean bars' }
  if (/^\d{8} \d\d:\d\d:\d\d,-?[\d.]+$/.test(first)) return { ...plain, framing: 'lean funding' }
  if (/^\d{19} \{"recorder":"begin"/.test(first)) {
    const venue = /"venue":"(\w+)"/.exec(first)?.[1]
    return venue === 'bybit' || venue === 'okx' ? { ...plain, framing: 'recording', part: Number(/"part":(\d+)/.exec(first)?.[1] ?? 1), venue: venue === 'okx' ? 'OKX V5' : 'Bybit V5' } : `a recording of ${venue ?? 'no venue'}`
  }
  const framing: Framing | null = /^(?:\d{16}|\d{19}) /.test(first) ? 'stamped' : /^\d{9,10}(?:\.\d+)?: /.test(first) || /^\S+ (?:<->|<-|->) \d/.test(first) ? 'cryptofeed' : first.startsWith('{') ? 'bare' : null
  if (framing === null) return `its first line begins with ${JSON.stringify(first.slice(0, 40))}`
  return ofVenue(framing, head)
}

function ofVenue(framing: Framing, head: readonly string[]): Sniffed | string {
  let venue: VenueFormat | null = null
  const symbols = new Set<string>()
  for (const line of head) {
    venue ??= venueOfUrl(line)
    const message = parsed(line.slice(Math.max(0, line.indexOf('{'))))
    if (message === null) continue
    venue ??= venueOf(message)
    const data = message['data']
    if (isObject(data) && typeof data['s'] === 'string') symbols.add(data['s'])
  }
  if (venue === null) return 'no line of its head is a message of a known venue'
  return { framing, venue, header: '', part: 0, answersOnly: framing === 'cryptofeed' && !head.some((line) => /^[\d.]+: /.test(line)), symbol: symbols.size === 0 ? null : symbols.size === 1 ? [...symbols][0]! : '' }
}

function parsed(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** cryptofeed names the address of what it recorded. */
function venueOfUrl(line: string): VenueFormat | null {
  const url = /^(\S+:\/\/\S+) (?:<->|<-|->) /.exec(line)?.[1]
  if (url === undefined) return null
  if (/\bbinance\.com/.test(url)) return 'Binance'
  if (/\bbitmex\.com/.test(url)) return 'BitMEX'
  if (/\bkraken\.com/.test(url)) return 'Kraken Futures'
  if (/\bokx\.com/.test(url)) return 'OKX V5'
  if (/\bbybit\.com/.test(url)) return url.includes('/v5/') ? 'Bybit V5' : 'Bybit V2'
  return null
}

function venueOf(message: Json): VenueFormat | null {
  if (message['lastUpdateId'] !== undefined || typeof message['stream'] === 'string') return 'Binance'
  if (typeof message['table'] === 'string') return 'BitMEX'
  if (typeof message['feed'] === 'string') return 'Kraken Futures'
  if (isObject(message['arg'])) return 'OKX V5'
  const topic = message['topic']
  if (typeof topic !== 'string') return null
  return topic.startsWith('orderBookL2') || topic.startsWith('trade.') ? 'Bybit V2' : 'Bybit V5'
}

export function dialectOf(venue: VenueFormat, at: LineReader, symbol: string): Dialect {
  switch (venue) {
    case 'Binance':
      return new BinanceDialect(at, symbol)
    case 'Bybit V5':
      return new BybitV5Dialect(at)
    case 'Bybit V2':
      return new BybitV2Dialect(at)
    case 'OKX V5':
      return new OkxV5Dialect(at)
    case 'BitMEX':
      return new BitmexDialect(at)
    case 'Kraken Futures':
      return new KrakenFuturesDialect(at)
  }
}
