import type { TextLevel } from './events.ts'
import type { Dialect, Json, LineReader } from './line-reader.ts'
import { plainText } from './steps.ts'

/**
 * BitMEX `orderBookL2`, `quote` and `trade`. Updates and deletes name a level by its id only: the price is the one that the
 * id was inserted with. What comes before the table's `partial`, and changes of ids that nobody has, are dropped by the rules
 * of the venue, and each is told. Nothing numbers the messages. Contract values are read off the trades, which carry size,
 * base coin and quote currency.
 */
export class BitmexDialect implements Dialect {
  readonly #at: LineReader
  /** Price texts by id; a symbol is here from its `partial` on. */
  readonly #prices = new Map<string, Map<number, string>>()
  readonly #told = new Set<string>()

  constructor(at: LineReader) {
    this.#at = at
  }

  message(message: Json): void {
    const at = this.#at
    const table = message['table']
    if (typeof table !== 'string') {
      if (message['success'] === undefined && message['info'] === undefined && message['error'] === undefined) at.bad('neither a table nor an answer')
      at.control('answer', JSON.stringify(message))
      return
    }
    const action = at.text(message, 'action')
    const rows = at.objects(message, 'data')
    if (table === 'orderBookL2') this.#book(action, rows)
    else if (table === 'trade') for (const row of rows) this.#trade(row, action === 'partial')
    else if (table === 'quote') {
      for (const row of rows) {
        at.sink({
          kind: 'quote', bidPrice: plainText(at.number(row, 'bidPrice')), bidSize: plainText(at.number(row, 'bidSize')), askPrice: plainText(at.number(row, 'askPrice')), askSize: plainText(at.number(row, 'askSize')),
          updateId: -1, ...at.at(at.text(row, 'symbol'), this.#time(row)),
        })
      }
    } else at.control('note', table)
  }

  /** One event for each symbol of a message. */
  #book(action: string, rows: readonly Json[]): void {
    const at = this.#at
    const bySymbol = new Map<string, { readonly bids: TextLevel[]; readonly asks: TextLevel[] }>()
    for (const row of rows) {
      const symbol = at.text(row, 'symbol')
      const id = at.number(row, 'id')
      if (action === 'partial' && !bySymbol.has(symbol)) this.#prices.set(symbol, new Map())
      const prices = this.#prices.get(symbol)
      if (prices === undefined) {
        at.control('dropped', `${action} of id ${id} before the partial`, symbol)
        continue
      }
      const known = prices.get(id)
      if (action === 'partial' || action === 'insert') prices.set(id, plainText(at.number(row, 'price')))
      else if (known === undefined) {
        at.control('dropped', `${action} of unknown id ${id}`, symbol)
        continue
      }
      const price = prices.get(id)!
      if (action === 'delete') prices.delete(id)
      const event = bySymbol.get(symbol) ?? { bids: [], asks: [] }
      bySymbol.set(symbol, event)
      ;(at.side(row['side']) === 'buy' ? event.bids : event.asks).push([price, action === 'delete' ? '0' : plainText(at.number(row, 'size'))])
    }
    for (const [symbol, { bids, asks }] of bySymbol) {
      at.sink({ kind: 'book', stream: 'orderBookL2', snapshot: action === 'partial', sync: 'stream', rule: 'none', previousId: -1, firstId: -1, lastId: -1, bids, asks, checksum: null, ...at.at(symbol, Number.NaN) })
    }
  }

  #trade(row: Json, history: boolean): void {
    const at = this.#at
    const symbol = at.text(row, 'symbol')
    const size = at.number(row, 'size')
    if (!this.#told.has(symbol) && size > 0 && row['homeNotional'] !== undefined) {
      this.#told.add(symbol)
      const inverse = Math.abs(at.number(row, 'foreignNotional') / size - 1) < 1e-9
      // Other contracts are rounded by the venue to its own units: ten digits hold what it said.
      const value = inverse ? '1' : plainText(Number((at.number(row, 'homeNotional') / size).toPrecision(10)))
      at.sink({ kind: 'instrument', tick: '', lot: '', unit: { in: inverse ? 'quote' : 'base', value }, ...at.at(symbol, Number.NaN) })
    }
    at.sink({ kind: 'trade', price: plainText(at.number(row, 'price')), size: plainText(size), side: at.side(row['side']), id: at.text(row, 'trdMatchID'), firstNumber: -1, lastNumber: -1, aggregate: false, history, ...at.at(symbol, this.#time(row)) })
  }

  #time(row: Json): number {
    const ms = Date.parse(this.#at.text(row, 'timestamp'))
    return Number.isNaN(ms) ? this.#at.bad('timestamp is no time') : ms
  }
}
