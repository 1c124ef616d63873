import type { TextLevel } from './events.ts'
import type { Dialect, Json, LineReader } from './line-reader.ts'
import { plainText } from './steps.ts'

/** Relative error that a few single-precision operations leave. */
const SINGLE_ERROR = 2 ** -22
const DECIMALS_MAX = 8

/**
 * Bybit V2 linear, as it was before 2022: `orderBookL2_25` as lists of deleted, updated and inserted levels, each with its
 * price. `cross_seq` only rises, it does not count. Sizes are sums in single precision (56.300003, 6684.9995): they are read as
 * the shortest decimal within that error.
 */
export class BybitV2Dialect implements Dialect {
  readonly #at: LineReader

  constructor(at: LineReader) {
    this.#at = at
  }

  message(message: Json): void {
    const at = this.#at
    const topic = message['topic']
    if (typeof topic !== 'string') {
      if (message['success'] === undefined && message['ret_msg'] === undefined) at.bad('neither a topic nor an answer')
      at.control('answer', JSON.stringify(message))
      return
    }
    const [name, symbol = ''] = topic.split('.')
    if (name === 'trade') {
      for (const row of at.objects(message, 'data')) {
        at.sink({ kind: 'trade', price: at.text(row, 'price'), size: singleText(at.number(row, 'size')), side: at.side(row['side']), id: at.text(row, 'trade_id'), firstNumber: -1, lastNumber: -1, aggregate: false, history: false, ...at.at(symbol, at.number(row, 'trade_time_ms')) })
      }
    } else if (name!.startsWith('orderBook')) this.#book(name!, symbol, message)
    else at.control('note', topic, symbol)
  }

  rest(url: string): void {
    this.#at.control('note', `answer of ${url}`)
  }

  #book(stream: string, symbol: string, message: Json): void {
    const at = this.#at
    const data = at.inner(message, 'data')
    const snapshot = message['type'] === 'snapshot'
    const bids: TextLevel[] = []
    const asks: TextLevel[] = []
    const set = (field: string, gone: boolean): void => {
      for (const row of at.objects(data, field)) (at.side(row['side']) === 'buy' ? bids : asks).push([at.text(row, 'price'), gone ? '0' : singleText(at.number(row, 'size'))])
    }
    if (snapshot) set('order_book', false)
    else {
      set('delete', true)
      set('update', false)
      set('insert', false)
    }
    const id = at.number(message, 'cross_seq')
    at.sink({ kind: 'book', stream, snapshot, sync: 'stream', rule: 'rising', previousId: -1, firstId: id, lastId: id, bids, asks, checksum: null, ...at.at(symbol, at.number(message, 'timestamp_e6') / 1000) })
  }
}

function singleText(size: number): string {
  for (let decimals = 0; decimals < DECIMALS_MAX; decimals++) {
    const rounded = Number(size.toFixed(decimals))
    if (Math.abs(size - rounded) <= size * SINGLE_ERROR) return plainText(rounded)
  }
  return plainText(size)
}
