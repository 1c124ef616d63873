import type { TextLevel } from './events.ts'
import type { Dialect, Json, LineReader } from './line-reader.ts'
import { plainText } from './steps.ts'

/**
 * Kraken Futures V1: `book_snapshot`, then one level per `book` message, counted by `seq`. Inverse contracts (PI_, FI_) are
 * worth one USD each, linear ones (PF_) count in base coin.
 */
export class KrakenFuturesDialect implements Dialect {
  readonly #at: LineReader

  constructor(at: LineReader) {
    this.#at = at
  }

  message(message: Json): void {
    const at = this.#at
    if (typeof message['event'] === 'string') {
      at.control('answer', JSON.stringify(message))
      return
    }
    const feed = at.text(message, 'feed')
    if (feed === 'heartbeat') {
      at.control('answer', feed)
      return
    }
    const symbol = at.text(message, 'product_id')
    if (feed === 'book_snapshot') {
      const [bids, asks] = ['bids', 'asks'].map((side) => at.objects(message, side).map((row): TextLevel => [plainText(at.number(row, 'price')), plainText(at.number(row, 'qty'))])) as [TextLevel[], TextLevel[]]
      at.sink({ kind: 'instrument', tick: '', lot: '', unit: { in: /^[PF]I_/.test(symbol) ? 'quote' : 'base', value: '1' }, ...at.at(symbol, Number.NaN) })
      this.#book(symbol, message, true, bids, asks)
    } else if (feed === 'book') {
      const level: TextLevel = [plainText(at.number(message, 'price')), plainText(at.number(message, 'qty'))]
      const bid = at.side(message['side']) === 'buy'
      this.#book(symbol, message, false, bid ? [level] : [], bid ? [] : [level])
    } else if (feed === 'trade') this.#trade(message, symbol, false)
    else if (feed === 'trade_snapshot') for (const row of at.objects(message, 'trades').toReversed()) this.#trade(row, symbol, true)
    else if (feed.startsWith('ticker')) {
      const text = (field: string): string => (typeof message[field] === 'number' ? plainText(message[field]) : '')
      at.sink({ kind: 'ticker', last: text('last'), bid: text('bid'), ask: text('ask'), mark: text('markPrice'), index: text('index'), fundingRate: text('funding_rate'), ...at.at(symbol, at.numberOr(message, 'time', Number.NaN)) })
    } else at.control('note', feed, symbol)
  }

  #book(symbol: string, message: Json, snapshot: boolean, bids: readonly TextLevel[], asks: readonly TextLevel[]): void {
    const at = this.#at
    const id = at.number(message, 'seq')
    at.sink({ kind: 'book', stream: 'book', snapshot, sync: 'stream', rule: 'next', previousId: -1, firstId: id, lastId: id, bids, asks, checksum: null, ...at.at(symbol, at.number(message, 'timestamp')) })
  }

  #trade(row: Json, symbol: string, history: boolean): void {
    const at = this.#at
    const number = at.number(row, 'seq')
    at.sink({ kind: 'trade', price: plainText(at.number(row, 'price')), size: plainText(at.number(row, 'qty')), side: at.side(row['side']), id: at.text(row, 'uid'), firstNumber: number, lastNumber: number, aggregate: false, history, ...at.at(symbol, at.number(row, 'time')) })
  }
}
