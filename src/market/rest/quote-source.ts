import type { Instrument, Nanos, SymbolIndex } from '../../core/index.ts'
import { errorLabel, errorLine, NO_ASK } from '../../core/index.ts'
import type { MarketQueries, MarketReference, RestQuote } from '../../venues/index.ts'
import type { CellReader, CellWriter, SharedCount } from '../cell-ends.ts'
import type { FreshPrice, PriceRefusal } from '../freshness.ts'
import type { MarketContext } from '../market-context.ts'
import type { CURRENT_TICK, REST_QUOTE } from '../../memory/index.ts'
import type { RegistryMemory } from '../registry.ts'
import { SOURCE_NONE, SOURCE_REST, SOURCE_STREAM } from '../registry-words.ts'
import { VenueClock } from '../venue-clock.ts'

export interface QuoteSettings {
  /** Time for one answer, waiting for a place in the budget included, ms. */
  readonly deadlineMs: number
  /** More fallbacks of a symbol in a row than this force a new connection of its feed. */
  readonly fallbacksMax: number
}

export interface QuoteParts {
  readonly context: Pick<MarketContext, 'clock' | 'log' | 'count'>
  readonly registry: RegistryMemory
  readonly instruments: readonly Instrument[]
  readonly queries: Pick<MarketQueries, 'quote'>
  readonly reference: Pick<MarketReference, 'clock'>
  readonly settings: QuoteSettings
  /** A new quote of the symbol is in its cell. */
  readonly onQuote: (symbol: SymbolIndex) => void
}

/** A quote is not asked for again sooner than this after the last question (MD-16), ns. */
const CACHE_NS = 1e9
const SOURCE_WORDS = ['none', 'stream', 'rest'] as const
const UNSEEN = -1

/** What is known of one symbol. */
interface Watched {
  readonly instrument: Instrument
  readonly cell: CellWriter<typeof REST_QUOTE.fields>
  readonly tick: CellReader<typeof CURRENT_TICK.fields>
  readonly wish: SharedCount
  asking: boolean
  askedNs: Nanos
  fallbacks: number
  /** Source of the last exit price. */
  source: number
}

/**
 * The second source of prices for exits (MD-15): it is shown every answer to a question for an exit price, and while the
 * stream does not serve them it fetches quotes by REST, one question per symbol at a time and at most one a second, into
 * cells of its own. It never answers itself and never blocks: the price reader serves what is in the cells.
 */
export class QuoteSource {
  readonly #parts: QuoteParts
  readonly #watched: readonly Watched[]
  readonly #clock: VenueClock
  /** The shared estimate, for as long as the ingest actor of a symbol has none. */
  #baseMs = Number.NaN
  #stopped = false

  constructor(parts: QuoteParts) {
    const { registry, reference, context } = parts
    this.#parts = parts
    this.#clock = new VenueClock(context, reference, registry.venueClock(), (baseMs) => void (this.#baseMs = baseMs))
    this.#watched = parts.instruments.map((instrument) => ({
      instrument,
      cell: registry.writeQuote(instrument.index),
      tick: registry.readTick(instrument.index),
      wish: registry.reconnectWish(instrument.index),
      asking: false,
      askedNs: Number.NEGATIVE_INFINITY,
      fallbacks: 0,
      source: UNSEEN,
    }))
  }

  /** An exit price of the symbol was asked for, and this was the answer. */
  saw(symbol: SymbolIndex, answer: FreshPrice<'exit'> | PriceRefusal): void {
    const one = this.#watched[symbol]
    if (one === undefined || this.#stopped) return
    const source = answer.refused ? SOURCE_NONE : answer.source
    if (source !== one.source) this.#step(one, source, answer)
    if (source === SOURCE_STREAM) one.fallbacks = 0
    else this.#need(one)
  }

  /** No answer that is still to come is heard any more. */
  stop(): void {
    this.#stopped = true
    this.#clock.stop()
  }

  #need(one: Watched): void {
    const nowNs = this.#parts.context.clock.nowNs()
    if (one.asking || nowNs - one.askedNs < CACHE_NS) return
    one.asking = true
    one.askedNs = nowNs
    this.#countFallback(one)
    this.#clock.look()
    this.#parts.queries.quote(one.instrument, this.#parts.settings.deadlineMs, (error, quote) => {
      one.asking = false
      if (this.#stopped) return
      if (quote !== null) return this.#take(one, quote, nowNs)
      this.#parts.context.count('quote_failures', errorLabel(error))
      this.#parts.context.log('debug', 'no quote by REST', { symbol: one.instrument.symbol, error: errorLine(error) })
    })
  }

  #take(one: Watched, quote: RestQuote, askedNs: Nanos): void {
    const { context, onQuote } = this.#parts
    if (!(quote.bidTicks > 0 && quote.askTicks > quote.bidTicks && quote.askTicks < NO_ASK && quote.venueTimeMs > 0)) return context.count('quote_failures', 'no_quote')
    const cell = one.cell.begin()
    cell.bidTicks = quote.bidTicks
    cell.bidLots = quote.bidLots
    cell.askTicks = quote.askTicks
    cell.askLots = quote.askLots
    cell.lastTicks = quote.lastTicks > 0 ? quote.lastTicks : -1
    cell.markTicks = quote.markTicks > 0 ? quote.markTicks : -1
    cell.venueTimeMs = quote.venueTimeMs
    cell.askedNs = askedNs
    cell.venueBaseMs = this.#baseOf(one)
    cell.source = SOURCE_REST
    one.cell.end()
    context.count('quotes')
    onQuote(one.instrument.index)
  }

  #countFallback(one: Watched): void {
    const { context, settings } = this.#parts
    context.count('price_fallbacks', one.instrument.symbol)
    if (++one.fallbacks <= settings.fallbacksMax) return
    context.count('feed_reconnects_wanted', one.instrument.symbol)
    context.log('warn', 'the feed has not served a price for too long: a new connection is asked for', { symbol: one.instrument.symbol, fallbacks: one.fallbacks })
    one.fallbacks = 0
    one.wish.raise()
  }

  #step(one: Watched, source: number, answer: FreshPrice<'exit'> | PriceRefusal): void {
    const from = one.source
    one.source = source
    // To begin on the stream is no step.
    if (from === UNSEEN && source === SOURCE_STREAM) return
    const { context } = this.#parts
    const [was, is] = [from === UNSEEN ? 'unseen' : SOURCE_WORDS[from], SOURCE_WORDS[source]]
    context.count('price_source_steps', `${was}_${is}`)
    const data = { symbol: one.instrument.symbol, was, is, ageMs: answer.ageMs, limitMs: answer.limitMs, ...(answer.refused ? { reason: answer.reason } : {}) }
    context.log(source === SOURCE_STREAM ? 'info' : 'warn', `exit prices come from: ${is}`, data)
  }

  /** Venue clock minus the run clock: as the ingest actor has it, else as anybody has measured it. */
  #baseOf(one: Watched): number {
    if (one.tick.read() && one.tick.value.source !== SOURCE_NONE && Number.isFinite(one.tick.value.venueBaseMs)) return one.tick.value.venueBaseMs
    return this.#baseMs
  }
}
