import type { Instrument } from '../core/index.ts'
import type { MarketFeed, MarketQueries, MarketReference } from './market-port.ts'
import type { ResiliencePort } from './resilience/status.ts'
import type { TradingPort } from './trading-port.ts'

/** A venue as the actors use it. Parts of one venue share its clock offset and its limits. */
export interface Venue {
  feed(instrument: Instrument): MarketFeed
  readonly reference: MarketReference
  readonly queries: MarketQueries
  /** The way to the venue: breakers, limits, ban. */
  readonly resilience: ResiliencePort
  trading(instruments: readonly Instrument[]): TradingPort
}
