import type { DecimalStep } from './decimal-step.ts'
import type { Lots, SymbolIndex } from './numbers.ts'

/** A linear perpetual as the engine trades it: the grid and the limits of the venue. */
export interface Instrument {
  readonly symbol: string
  readonly index: SymbolIndex
  readonly baseCoin: string
  readonly quoteCoin: string
  readonly tick: DecimalStep
  readonly lot: DecimalStep
  readonly minLots: Lots
  readonly maxLots: Lots
  /** Smallest order value in quote currency, decimal text. */
  readonly minNotional: string
  readonly maxLeverage: number
  /** One lot in the venue's own unit of size where that is another (contracts on OKX), decimal text. Absent: the same. */
  readonly venueLot?: string
}
