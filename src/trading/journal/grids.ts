import { DecimalStep } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import type { TradingState } from '../state.ts'

/** The steps in which prices and sizes of a symbol are counted. */
export interface Grid {
  readonly symbol: string
  readonly tick: DecimalStep
  readonly lot: DecimalStep
}

/** Knows in which steps a record counts. */
export interface Grids {
  /** The grid of the symbol that a record is about; null when it is about none, or about one that is not known. */
  of(record: TradingRecord): Grid | null
}

/**
 * Grids as a journal tells them to its reader: the symbol of an order stands in its intent only, and an instrument
 * may change between two epochs. Grows with the orders of the journal.
 */
export class JournalGrids implements Grids {
  readonly #grids = new Map<string, Grid>()
  readonly #symbols = new Map<string, string>()

  /** To be given every record, in order, before it is asked for. @throws RM_DECIMAL_SYNTAX for a step that is none */
  learn(record: TradingRecord): void {
    if (record.kind === 'instrument-seen') this.#grids.set(record.symbol, gridOf(record.symbol, record.tick, record.lot))
    else if (record.kind === 'order-intended' || record.kind === 'order-adopted') this.#symbols.set(record.clientId, record.symbol)
  }

  of(record: TradingRecord): Grid | null {
    const symbol = 'symbol' in record ? record.symbol : 'clientId' in record ? this.#symbols.get(record.clientId) : undefined
    return symbol === undefined ? null : (this.#grids.get(symbol) ?? null)
  }
}

/** Grids of the living books, which have applied the record that is asked for. */
export class BookGrids implements Grids {
  readonly #state: TradingState
  readonly #made = new Map<string, Grid>()

  constructor(state: TradingState) {
    this.#state = state
  }

  of(record: TradingRecord): Grid | null {
    const symbol = symbolOf(record, this.#state)
    const books = symbol === undefined ? undefined : this.#state.symbols.get(symbol)
    if (books === undefined || books.tick === '') return null
    let grid = this.#made.get(books.symbol)
    if (grid === undefined || grid.tick.text !== books.tick || grid.lot.text !== books.lot) {
      grid = gridOf(books.symbol, books.tick, books.lot)
      this.#made.set(books.symbol, grid)
    }
    return grid
  }
}

/** The symbol that a record is about, by itself or by its order; undefined when it is about none or its order is forgotten. */
export const symbolOf = (record: TradingRecord, state: TradingState): string | undefined =>
  'symbol' in record ? record.symbol : 'clientId' in record ? state.orders.get(record.clientId)?.symbol : undefined

const gridOf = (symbol: string, tick: string, lot: string): Grid => ({ symbol, tick: new DecimalStep(tick), lot: new DecimalStep(lot) })
