import type { ChainRule } from './events.ts'
import { isObject, type Dialect, type Json, type LineReader, show } from './line-reader.ts'

const COIN_MARGINED = /^([A-Z0-9]+)USD_(?:PERP|\d{6})$/

/**
 * Binance combined streams (spot, USD-M, COIN-M; 2021 to 2024) with REST depth snapshots between them. Update ids: futures
 * deltas name the last id before them (`pu`), spot deltas their first (`U`). A snapshot overlaps the deltas and names no
 * symbol on spot and USD-M: it is of the one symbol of the file, or of the one in its URL.
 */
export class BinanceDialect implements Dialect {
  readonly #at: LineReader
  readonly #symbol: string
  readonly #told = new Set<string>()

  /** @param symbol of snapshots that do not name theirs, '' when the file has several */
  constructor(at: LineReader, symbol: string) {
    this.#at = at
    this.#symbol = symbol
  }

  message(message: Json): void {
    if (message['lastUpdateId'] !== undefined) {
      this.#snapshot(message, typeof message['symbol'] === 'string' ? message['symbol'] : this.#symbol)
      return
    }
    const data = message['data']
    if (typeof message['stream'] === 'string' && isObject(data)) this.#event(message['stream'], data)
    else if (message['result'] !== undefined || message['id'] !== undefined) this.#at.control('answer', JSON.stringify(message))
    else this.#at.bad('neither a stream message nor a snapshot')
  }

  rest(url: string, answer: Json): void {
    if (answer['lastUpdateId'] !== undefined) this.#snapshot(answer, /[?&]symbol=([^&]+)/.exec(url)?.[1] ?? this.#symbol)
    else this.#at.control('note', `answer of ${url}`)
  }

  #event(stream: string, data: Json): void {
    const at = this.#at
    const symbol = at.text(data, 's')
    this.#tell(symbol)
    switch (data['e']) {
      case 'depthUpdate':
        this.#depth(symbol, data)
        break
      case 'trade': {
        const number = at.number(data, 't')
        at.sink({ kind: 'trade', price: at.text(data, 'p'), size: at.text(data, 'q'), side: this.#aggressor(data), id: String(number), firstNumber: number, lastNumber: number, aggregate: false, history: false, ...at.at(symbol, at.number(data, 'T')) })
        break
      }
      case 'aggTrade':
        at.sink({ kind: 'trade', price: at.text(data, 'p'), size: at.text(data, 'q'), side: this.#aggressor(data), id: String(at.number(data, 'a')), firstNumber: at.number(data, 'a'), lastNumber: at.number(data, 'a'), aggregate: true, history: false, ...at.at(symbol, at.number(data, 'T')) })
        break
      case 'markPriceUpdate':
        at.sink({ kind: 'mark', mark: at.text(data, 'p'), index: at.text(data, 'i'), fundingRate: at.text(data, 'r'), nextFundingMs: at.number(data, 'T'), ...at.at(symbol, at.number(data, 'E')) })
        break
      case 'kline':
        this.#kline(symbol, data)
        break
      case 'bookTicker':
        this.#quote(symbol, data)
        break
      default:
        // The best quotes of spot have no event name.
        if (data['e'] === undefined && stream.endsWith('@bookTicker')) this.#quote(symbol, data)
        else at.bad(`event ${show(data['e'])} of ${stream} is not known`)
    }
  }

  /** Sizes of coin-margined contracts are contracts of 100 USD (BTC) or 10 USD. */
  #tell(symbol: string): void {
    if (this.#told.has(symbol)) return
    this.#told.add(symbol)
    const coin = COIN_MARGINED.exec(symbol)
    if (coin !== null) this.#at.sink({ kind: 'instrument', tick: '', lot: '', unit: { in: 'quote', value: coin[1] === 'BTC' ? '100' : '10' }, ...this.#at.at(symbol, Number.NaN) })
  }

  /** The buyer was the maker: somebody sold. */
  #aggressor(data: Json): 'buy' | 'sell' {
    const maker = data['m']
    return typeof maker === 'boolean' ? (maker ? 'sell' : 'buy') : this.#at.bad(`m is ${show(maker)} and should be true or false`)
  }

  #snapshot(row: Json, symbol: string): void {
    const at = this.#at
    const id = at.number(row, 'lastUpdateId')
    if (symbol === '') at.bad('a snapshot that does not say whose it is, in a file of several symbols')
    this.#tell(symbol)
    at.sink({ kind: 'book', stream: 'depth', snapshot: true, sync: 'rest', rule: 'none', previousId: -1, firstId: id, lastId: id, bids: at.levels(row, 'bids'), asks: at.levels(row, 'asks'), checksum: null, ...at.at(symbol, at.numberOr(row, 'E', Number.NaN)) })
  }

  #depth(symbol: string, data: Json): void {
    const at = this.#at
    const previousId = at.numberOr(data, 'pu', -1)
    const rule: ChainRule = data['pu'] === undefined ? 'next' : 'follows'
    at.sink({ kind: 'book', stream: 'depth', snapshot: false, sync: 'rest', rule, previousId, firstId: at.number(data, 'U'), lastId: at.number(data, 'u'), bids: at.levels(data, 'b'), asks: at.levels(data, 'a'), checksum: null, ...at.at(symbol, at.numberOr(data, 'E', Number.NaN)) })
  }

  #quote(symbol: string, data: Json): void {
    const at = this.#at
    at.sink({ kind: 'quote', bidPrice: at.text(data, 'b'), bidSize: at.text(data, 'B'), askPrice: at.text(data, 'a'), askSize: at.text(data, 'A'), updateId: at.number(data, 'u'), ...at.at(symbol, at.numberOr(data, 'E', Number.NaN)) })
  }

  #kline(symbol: string, data: Json): void {
    const at = this.#at
    const k = at.inner(data, 'k')
    const openMs = at.number(k, 't')
    at.sink({
      kind: 'candle', of: 'trades', openMs, intervalMs: at.number(k, 'T') + 1 - openMs, open: at.text(k, 'o'), high: at.text(k, 'h'), low: at.text(k, 'l'), close: at.text(k, 'c'), volume: at.text(k, 'v'),
      closed: k['x'] === true, sparse: false, ...at.at(symbol, at.number(data, 'E')),
    })
  }
}
