import type { SymbolHealth } from '../../runtime/health/index.ts'
import type { Texts } from '../database/texts.ts'

/** A symbol as the engine shows it at a moment, as a row of `market_data_snapshots`. */
export function snapshotRow(venue: string, atMs: number, symbol: SymbolHealth): Texts {
  const { market, book } = symbol
  const number = (value: number | null | undefined): string | null => (value == null || !Number.isFinite(value) ? null : String(value))
  return {
    at: new Date(atMs).toISOString(), venue, symbol: symbol.symbol, last_price: number(symbol.lastPrice), mark_price: number(market?.markPrice), index_price: number(market?.indexPrice), funding_rate: number(market?.fundingRate),
    open_interest: number(market?.openInterest), volume_24h: number(market?.volume), price_age_ms: number(symbol.priceAgeMs), price_source: symbol.priceSource, book_valid: String(symbol.bookValid), book_integrity: number(book.integrity), regime: symbol.regime,
  }
}
