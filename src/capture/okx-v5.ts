import type { SizeUnit } from './events.ts'
import { isObject, type Dialect, type Json, type LineReader } from './line-reader.ts'

const BAR_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, H: 3_600_000, D: 86_400_000, W: 604_800_000 }

/** Channels that are subscribed by the kind of instrument. */
const TYPE_CHANNELS: ReadonlySet<string> = new Set(['liquidation-orders', 'status', 'adl-warning', 'estimated-price'])

/**
 * OKX V5 public messages. Deltas of `books` name the sequence before them (`prevSeqId`); recordings from before that carry a
 * signed CRC-32 instead, over the texts of the best 25 levels. Sizes of swaps and futures are contracts: their value comes
 * from the recorded answer of `/api/v5/public/instruments`.
 */
export class OkxV5Dialect implements Dialect {
  readonly #at: LineReader

  constructor(at: LineReader) {
    this.#at = at
  }

  message(message: Json): void {
    const at = this.#at
    const arg = message['arg']
    if (typeof message['event'] === 'string') {
      at.control('answer', JSON.stringify(message))
      return
    }
    if (!isObject(arg)) return at.bad('neither a channel nor an event')
    const channel = at.text(arg, 'channel')
    if (channel === 'instruments') {
      for (const row of at.objects(message, 'data')) this.#instrument(row)
      return
    }
    // Channels of a whole kind of instruments name none: their rows are noted, nothing plays them.
    if (arg['instId'] === undefined && TYPE_CHANNELS.has(channel)) return at.control('note', channel, String(arg['instType']))
    const instId = at.text(arg, 'instId')
    const rows = channel.startsWith('candle') || channel.startsWith('mark-price-candle') ? null : at.objects(message, 'data')
    if (rows === null) {
      for (const row of at.list(message, 'data')) this.#candle(channel, instId, row)
      return
    }
    for (const row of rows) {
      if (channel.startsWith('books') || channel === 'bbo-tbt') this.#book(channel, instId, message['action'], row)
      else if (channel === 'trades' || channel === 'trades-all') {
        at.sink({
          kind: 'trade', price: at.text(row, 'px'), size: at.text(row, 'sz'), side: at.side(row['side']), id: at.text(row, 'tradeId'), firstNumber: -1, lastNumber: -1,
          aggregate: channel === 'trades', history: false, ...at.at(instId, at.number(row, 'ts')),
        })
      } else if (channel === 'tickers') {
        at.sink({ kind: 'ticker', last: at.textOrNone(row, 'last'), bid: at.textOrNone(row, 'bidPx'), ask: at.textOrNone(row, 'askPx'), mark: '', index: '', fundingRate: '', ...at.at(instId, at.number(row, 'ts')) })
      } else if (channel === 'mark-price') at.sink({ kind: 'mark', mark: at.text(row, 'markPx'), index: '', fundingRate: '', nextFundingMs: Number.NaN, ...at.at(instId, at.number(row, 'ts')) })
      else if (channel === 'funding-rate') {
        const settleMs = at.number(row, 'fundingTime')
        at.sink({ kind: 'funding', rate: at.text(row, 'fundingRate'), settleMs, intervalMs: at.numberOr(row, 'nextFundingTime', Number.NaN) - settleMs, ...at.at(instId, at.numberOr(row, 'ts', Number.NaN)) })
      } else at.control('note', channel, instId)
    }
  }

  rest(url: string, answer: Json): void {
    const at = this.#at
    if (!url.includes('/public/instruments')) {
      at.control('note', `answer of ${url}`)
      return
    }
    for (const row of at.objects(answer, 'data')) this.#instrument(row)
  }

  #instrument(row: Json): void {
    const at = this.#at
    const value = at.textOrNone(row, 'ctVal')
    const instId = at.text(row, 'instId')
    // Options have two factors and are not played.
    if (row['instType'] === 'OPTION') return
    const base = instId.slice(0, instId.indexOf('-'))
    const unit: SizeUnit = value === '' ? { in: 'base', value: '1' } : { in: at.textOrNone(row, 'ctValCcy') === base ? 'base' : 'quote', value }
    at.sink({ kind: 'instrument', tick: at.textOrNone(row, 'tickSz'), lot: at.textOrNone(row, 'lotSz'), unit, ...at.at(instId, Number.NaN) })
  }

  #book(stream: string, instId: string, action: unknown, row: Json): void {
    const at = this.#at
    const lastId = at.numberOr(row, 'seqId', -1)
    const previousId = at.numberOr(row, 'prevSeqId', -1)
    // Only `books` and its kin have updates; the small books are whole every time.
    const snapshot = action !== 'update'
    const numbered = row['seqId'] !== undefined
    const checksum = at.numberOr(row, 'checksum', 0)
    at.sink({
      kind: 'book', stream, snapshot, sync: 'stream', rule: numbered && !snapshot ? 'follows' : 'none', previousId, firstId: lastId, lastId, bids: at.levels(row, 'bids'), asks: at.levels(row, 'asks'),
      // A constant 0 since June 2026.
      checksum: checksum === 0 ? null : checksum, ...at.at(instId, at.number(row, 'ts')),
    })
  }

  #candle(channel: string, instId: string, row: unknown): void {
    const at = this.#at
    const cells = Array.isArray(row) && row.length >= 6 ? (row as readonly string[]) : at.bad(`${channel} holds no candle`)
    const [open, high, low, close] = cells.slice(1, 5) as [string, string, string, string]
    const mark = channel.startsWith('mark-price-candle')
    const bar = /candle(\d+)([smHDW])/.exec(channel)
    at.sink({
      kind: 'candle', of: mark ? 'mark' : 'trades', openMs: Number(cells[0]), intervalMs: bar === null ? Number.NaN : Number(bar[1]) * BAR_MS[bar[2]!]!, open, high, low, close,
      // Sixth is contracts, seventh is base coin.
      volume: mark ? '' : cells[6] ?? '', closed: cells.at(-1) === '1', sparse: false, ...at.at(instId, Number.NaN),
    })
  }
}
