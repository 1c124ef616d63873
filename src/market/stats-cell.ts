import type { Nanos, SymbolIndex, WallMs } from '../core/index.ts'
import { BUY } from '../core/index.ts'
import type { View } from '../memory/index.ts'
import { MARKET_STATS } from '../memory/index.ts'
import type { FundingEstimate, InstrumentState, Liquidation, PriceLimits, Ticker } from '../venues/index.ts'
import type { CellWriter } from './cell-ends.ts'
import { blankStats, type RegistryMemory } from './registry.ts'
import { INSTRUMENT_STATUSES } from './registry-words.ts'

/**
 * The statistics of one symbol in the registry (MD-9), put together from ticker, funding, price limits, liquidations and
 * the state of the instrument. The one writer of the cell; it is always written whole.
 */
export class StatsCell {
  readonly #cell: CellWriter<typeof MARKET_STATS.fields>
  readonly #copy = new Float64Array(MARKET_STATS.byteLength / 8)
  readonly #now: View<typeof MARKET_STATS.fields>

  /** @throws RM_REGISTRY_SYMBOL */
  constructor(registry: RegistryMemory, symbol: SymbolIndex) {
    this.#cell = registry.writeStats(symbol)
    this.#now = MARKET_STATS.view(this.#copy.buffer)
    blankStats(this.#now)
    this.#now.liquidatedLongLots = 0
    this.#now.liquidatedShortLots = 0
  }

  /**
   * @param source SOURCE_STREAM or SOURCE_REST
   * @param nowMs our wall time at which it came
   */
  showTicker(ticker: Ticker, source: number, nowMs: WallMs): void {
    const now = this.#now
    now.lastPrice = ticker.lastPrice
    now.markPrice = ticker.markPrice
    now.indexPrice = ticker.indexPrice
    now.bidPrice = ticker.bidPrice
    now.askPrice = ticker.askPrice
    now.volume24h = ticker.volume24h
    now.turnover24h = ticker.turnover24h
    now.high24h = ticker.high24h
    now.low24h = ticker.low24h
    now.open24h = ticker.open24h
    now.openInterest = ticker.openInterest
    // A venue may tell funding by another channel: what that said stays.
    if (Number.isFinite(ticker.fundingRate)) now.fundingRate = ticker.fundingRate
    if (Number.isFinite(ticker.nextFundingMs)) now.nextFundingMs = ticker.nextFundingMs
    now.venueTimeMs = ticker.venueTimeMs
    this.#write(source, nowMs)
  }

  showFunding(funding: FundingEstimate, source: number, nowMs: WallMs): void {
    const now = this.#now
    now.fundingRate = funding.rate
    now.nextFundingMs = funding.settleMs
    if (Number.isFinite(funding.intervalMs)) now.fundingIntervalMs = funding.intervalMs
    this.#write(source, nowMs)
  }

  /** @param nowNs by the run clock, for their age */
  showPriceLimits(limits: PriceLimits, source: number, nowMs: WallMs, nowNs: Nanos): void {
    const now = this.#now
    now.highestBuyTicks = limits.highestBuyTicks
    now.lowestSellTicks = limits.lowestSellTicks
    now.limitsEnabled = limits.enabled ? 1 : 0
    now.limitsNs = nowNs
    this.#write(source, nowMs)
  }

  showInstrument(state: InstrumentState, source: number, nowMs: WallMs): void {
    const now = this.#now
    now.status = INSTRUMENT_STATUSES.indexOf(state.status)
    if (state.fundingIntervalMs > 0) now.fundingIntervalMs = state.fundingIntervalMs
    this.#write(source, nowMs)
  }

  addLiquidation(liquidation: Liquidation, source: number, nowMs: WallMs): void {
    const now = this.#now
    // The order that closes a short buys.
    if (liquidation.side === BUY) now.liquidatedShortLots += liquidation.lots
    else now.liquidatedLongLots += liquidation.lots
    this.#write(source, nowMs)
  }

  #write(source: number, nowMs: WallMs): void {
    this.#now.source = source
    this.#now.updatedMs = nowMs
    this.#cell.put(this.#copy)
  }
}
