import { type Dialect, type Json, type LineReader, show } from './line-reader.ts'

const INTERVAL_MS: Readonly<Record<string, number>> = { D: 86_400_000, W: 604_800_000, M: Number.NaN }

/**
 * Bybit V5 public messages: the lines of its published order book history (`ob500`), and frames as they came. Update ids of a
 * book count up by one; 1 is a restart of the venue's service and replaces the book. `cts` is the time of the matching engine.
 */
export class BybitV5Dialect implements Dialect {
  readonly #at: LineReader

  constructor(at: LineReader) {
    this.#at = at
  }

  message(message: Json): void {
    const at = this.#at
    const topic = message['topic']
    if (typeof topic !== 'string') {
      if (message['op'] === undefined && message['success'] === undefined) at.bad('neither a topic nor an answer')
      at.control('answer', JSON.stringify(message))
      return
    }
    const parts = topic.split('.')
    const symbol = parts.at(-1)!
    const timeMs = at.number(message, 'ts')
    switch (parts[0]) {
      case 'orderbook':
        this.#book(topic, symbol, message)
        break
      case 'publicTrade':
        for (const row of at.objects(message, 'data')) {
          at.sink({ kind: 'trade', price: at.text(row, 'p'), size: at.text(row, 'v'), side: at.side(row['S']), id: at.text(row, 'i'), firstNumber: -1, lastNumber: -1, aggregate: false, history: false, ...at.at(symbol, at.number(row, 'T')) })
        }
        break
      case 'tickers': {
        const data = at.inner(message, 'data')
        const text = (field: string): string => at.textOrNone(data, field)
        at.sink({ kind: 'ticker', last: text('lastPrice'), bid: text('bid1Price'), ask: text('ask1Price'), mark: text('markPrice'), index: text('indexPrice'), fundingRate: text('fundingRate'), ...at.at(symbol, timeMs) })
        break
      }
      case 'kline':
        for (const row of at.objects(message, 'data')) {
          const openMs = at.number(row, 'start')
          const intervalMs = INTERVAL_MS[parts[1]!] ?? Number(parts[1]) * 60_000
          at.sink({
            kind: 'candle', of: 'trades', openMs, intervalMs, open: at.text(row, 'open'), high: at.text(row, 'high'), low: at.text(row, 'low'), close: at.text(row, 'close'), volume: at.text(row, 'volume'),
            closed: row['confirm'] === true, sparse: false, ...at.at(symbol, timeMs),
          })
        }
        break
      default:
        at.control('note', topic, symbol)
    }
  }

  /** `/v5/market/instruments-info` of linear contracts. */
  rest(url: string, answer: Json): void {
    const at = this.#at
    const category = /[?&]category=(\w+)/.exec(url)?.[1]
    if (!url.includes('/v5/market/instruments-info') || category !== 'linear') {
      at.control('note', `answer of ${url}`)
      return
    }
    for (const row of at.objects(at.inner(answer, 'result'), 'list')) {
      const symbol = at.text(row, 'symbol')
      at.sink({ kind: 'instrument', tick: at.text(at.inner(row, 'priceFilter'), 'tickSize'), lot: at.text(at.inner(row, 'lotSizeFilter'), 'qtyStep'), unit: { in: 'base', value: '1' }, ...at.at(symbol, Number.NaN) })
    }
  }

  #book(topic: string, symbol: string, message: Json): void {
    const at = this.#at
    const data = at.inner(message, 'data')
    const id = at.number(data, 'u')
    const type = message['type']
    if (type !== 'snapshot' && type !== 'delta') at.bad(`type of ${topic} is ${show(type)} and should be snapshot or delta`)
    const stream = topic.slice(0, topic.lastIndexOf('.'))
    const venueMs = at.numberOr(message, 'cts', at.number(message, 'ts'))
    at.sink({ kind: 'book', stream, snapshot: type === 'snapshot' || id === 1, sync: 'stream', rule: 'next', previousId: -1, firstId: id, lastId: id, bids: at.levels(data, 'b'), asks: at.levels(data, 'a'), checksum: null, ...at.at(symbol, venueMs) })
  }
}
