import { type DecimalStep, money } from '../../core/index.ts'
import type { BookData, OrderBookAnswer, PairState, SrLevels, SymbolMetrics, TickData } from '../contract/index.ts'
import type { SymbolHealth } from '../../runtime/health/index.ts'
import type { JournalBooks } from '../books/index.ts'
import type { FeedSymbol } from '../link/index.ts'
import type { DecisionLog, LiveSymbol, MarketView } from '../live/index.ts'

const ticksText = (step: DecimalStep, ticks: number | undefined): string | null => (ticks === undefined || ticks < 0 ? null : step.format(ticks))
/** Between the ticks too: marks and levels are computed. */
const looseText = (step: DecimalStep, ticks: number): string => money(step.text).mul(money(String(ticks))).toDecimalPlaces(step.decimals + 2).toFixed()
const numberText = (value: number | null | undefined): string | null => (value === null || value === undefined ? null : money(value).toFixed())

const midOf = ({ bidTicks, askTicks }: FeedSymbol): number | null => (bidTicks < 0 || askTicks < 0 ? null : (bidTicks + askTicks) / 2)

/** A row of the screener. */
export function pairRow(live: LiveSymbol, market: MarketView, decisions: DecisionLog, books: JournalBooks): PairState {
  const { symbol, tick, lot, now } = live
  const mid = now === null ? null : midOf(now)
  const price = now === null || now.lastTicks < 0 ? null : tick.toNumber(now.lastTicks)
  const sizes = (now?.bidLots ?? 0) + (now?.askLots ?? 0)
  const signal = decisions.lastEntry(symbol)
  const lots = books.state.symbols.get(symbol)?.ledger.signedLots ?? 0
  return {
    symbol,
    tick: tick.text,
    lot: lot.text,
    price: ticksText(tick, now?.lastTicks),
    bid: ticksText(tick, now?.bidTicks),
    ask: ticksText(tick, now?.askTicks),
    mark: now === null || now.markTicks < 0 ? null : looseText(tick, now.markTicks),
    priceAgeMs: market.ageMs(live),
    priceSource: now?.source ?? 'none',
    bookValid: now?.bookValid ?? false,
    spreadPercent: now === null || mid === null || mid === 0 ? null : ((now.askTicks - now.bidTicks) / mid) * 100,
    imbalance: now === null || mid === null || sizes === 0 ? null : now.bidLots / sizes,
    changePercent24h: price === null || now === null || now.open24h === null || now.open24h === 0 ? null : (price / now.open24h - 1) * 100,
    volume24h: now?.volume24h ?? null,
    turnover24h: now?.turnover24h ?? null,
    high24h: numberText(now?.high24h),
    low24h: numberText(now?.low24h),
    fundingRate: now?.fundingRate ?? null,
    nextFundingMs: now?.nextFundingMs ?? null,
    openInterest: now?.openInterest ?? null,
    regime: now?.regime ?? null,
    signal: signal === null ? null : { side: signal.side, confidence: signal.confidence, atMs: signal.atMs, reason: signal.reason },
    manipulation: { buying: now?.buying?.detector ?? null, selling: now?.selling?.detector ?? null },
    position: lots === 0 ? 'flat' : lots > 0 ? 'long' : 'short',
    status: now?.status ?? 'unknown',
  }
}

const NO_AUDITS = { equal: 0, mismatch: 0, stale: 0, inconclusive: 0, noAnswer: 0 }

/** Everything measured of a symbol. @param health as the supervisor has it; null while it has said nothing */
export function metricsRow(pair: PairState, live: LiveSymbol, names: readonly string[], health: SymbolHealth | null): SymbolMetrics {
  return {
    ...pair,
    integrity: live.now?.integrity ?? null,
    entries: live.now?.entries ?? 'unknown',
    rebuilds: health?.book.rebuilds ?? 0,
    audits: health?.book.audits ?? NO_AUDITS,
    clockOffsetMs: health?.clockOffsetMs ?? null,
    reads: { ...health?.reads },
    indicators: Object.fromEntries(live.features.flatMap((value, i) => (names[i] === undefined || !Number.isFinite(value) ? [] : [[names[i], value]]))),
  }
}

function levelsOf(flat: readonly number[], depth: number, live: LiveSymbol): [string, string][] {
  const levels: [string, string][] = []
  for (let i = 0; i + 1 < flat.length && levels.length < depth; i += 2) levels.push([live.tick.format(flat[i]!), live.lot.format(flat[i + 1]!)])
  return levels
}

/** The book to a depth; null before the first. */
export function bookData(live: LiveSymbol, depth: number): BookData | null {
  const { book } = live
  if (book === null) return null
  return { valid: book.valid, updateId: book.updateId, venueTimeMs: book.venueTimeMs, bids: levelsOf(book.bids, depth, live), asks: levelsOf(book.asks, depth, live) }
}

export function orderBookRow(live: LiveSymbol, depth: number, ageMs: number | null): OrderBookAnswer | null {
  const data = bookData(live, depth)
  return data === null ? null : { symbol: live.symbol, ageMs, ...data }
}

export function tickData(live: LiveSymbol, market: MarketView): TickData | null {
  const { now, tick, lot } = live
  if (now === null) return null
  return {
    price: ticksText(tick, now.lastTicks),
    bid: ticksText(tick, now.bidTicks),
    ask: ticksText(tick, now.askTicks),
    bidSize: now.bidTicks < 0 ? null : lot.format(now.bidLots),
    askSize: now.askTicks < 0 ? null : lot.format(now.askLots),
    mark: now.markTicks < 0 ? null : looseText(tick, now.markTicks),
    venueTimeMs: now.venueTimeMs,
    ageMs: market.ageMs(live),
    source: now.source,
    bookValid: now.bookValid,
  }
}

/** The levels next to the price. */
export function levelRows(live: LiveSymbol): SrLevels {
  const { symbol, tick, now } = live
  const mid = now === null ? null : midOf(now)
  const row = (kind: 'support' | 'resistance', level: FeedSymbol['support']): SrLevels['levels'] =>
    level === null || level === undefined ? [] : [{ kind, price: looseText(tick, level.ticks), strength: level.strength, distancePercent: mid === null || mid === 0 ? null : (level.ticks / mid - 1) * 100 }]
  return { symbol, price: ticksText(tick, now?.lastTicks), levels: [...row('support', now?.support ?? null), ...row('resistance', now?.resistance ?? null)] }
}
