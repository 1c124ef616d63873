import type { Clock, Lots, Nanos, PriceTicks, SymbolIndex, WallMs } from '../core/index.ts'
import { NO_ASK, fail } from '../core/index.ts'
import type { RegistryMemory } from './registry.ts'
import { ENTRIES_OPEN, ENTRIES_WORDS, SOURCE_NONE } from './registry-words.ts'
import type { Purpose } from './purpose.ts'
import type { ReadShares } from './read-shares.ts'

export type FreshnessLimits = Readonly<Record<Purpose, number>>

/** Oldest price that each purpose may ever see, ms. */
export const FRESHNESS_CEILINGS_MS: FreshnessLimits = { order: 1000, exit: 2000, signal: 3000, other: 5000 }
export const PURPOSES: readonly Purpose[] = ['order', 'exit', 'signal', 'other']

/** The limits with some tightened. @throws RM_FRESHNESS_LIMIT for one that is looser than its ceiling, or no time at all. */
export function freshnessLimits(tighter: Partial<FreshnessLimits> = {}): FreshnessLimits {
  const limits = { ...FRESHNESS_CEILINGS_MS }
  for (const purpose of PURPOSES) {
    const limitMs = tighter[purpose]
    if (limitMs === undefined) continue
    const ceilingMs = FRESHNESS_CEILINGS_MS[purpose]
    if (!(limitMs >= 1 && limitMs <= ceilingMs)) fail('RM_FRESHNESS_LIMIT', { purpose, limitMs, ceilingMs })
    limits[purpose] = limitMs
  }
  return limits
}

declare const freshFor: unique symbol

/**
 * A price younger than the limit of one purpose, at the moment it was asked for. Only `PriceReader` makes one; the
 * purpose is part of the type, so what was read for a signal cannot be handed to a function that places orders.
 * It is reused: the next question of the same purpose overwrites it, and a refusal blanks it (all prices NaN).
 */
export interface FreshPrice<P extends Purpose> {
  readonly [freshFor]: P
  readonly refused: false
  readonly purpose: P
  readonly symbol: SymbolIndex
  readonly bidTicks: PriceTicks
  readonly bidLots: Lots
  readonly askTicks: PriceTicks
  readonly askLots: Lots
  /** Last trade, -1 before the first. Its own age is not checked: it is no price to act on. */
  readonly lastTicks: PriceTicks
  /** Mark price, may be fractional; -1 before the first. Its own age is not checked. */
  readonly markTicks: number
  /** The older of local and venue age, ms. */
  readonly ageMs: number
  readonly limitMs: number
  readonly venueTimeMs: WallMs
  readonly receiveNs: Nanos
  /** 1 WebSocket, 2 REST. */
  readonly source: number
  readonly updateId: number
  readonly tickSequence: number
}

/**
 * Why there is no price: nothing was ever written; the writer was inside at every try; the book is being rebuilt or
 * has an empty side; the venue's clock is not known yet, so no age can be told; too old. For orders also: the book was
 * wrong or away too often lately, the instrument is not trading, or the venue has changed its grid.
 */
export type RefusalReason = 'none' | 'torn' | 'invalid-book' | 'clock-unknown' | 'stale' | Exclude<(typeof ENTRIES_WORDS)[number], 'open'>

/** The answer instead of a price. Reused like one. */
export interface PriceRefusal {
  readonly refused: true
  readonly purpose: Purpose
  readonly symbol: SymbolIndex
  readonly reason: RefusalReason
  /** NaN where no age can be told. */
  readonly ageMs: number
  readonly limitMs: number
  readonly source: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function blankPrice<P extends Purpose>(purpose: P, limitMs: number): Writable<FreshPrice<P>> {
  const nan = Number.NaN
  const price = {
    refused: false, purpose, symbol: -1, bidTicks: nan, bidLots: nan, askTicks: nan, askLots: nan, lastTicks: nan, markTicks: nan,
    ageMs: nan, limitMs, venueTimeMs: nan, receiveNs: nan, source: SOURCE_NONE, updateId: nan, tickSequence: nan,
  }
  // The brand exists in the type only: this is the one place where it is given.
  return price as unknown as Writable<FreshPrice<P>>
}

/**
 * One caller's way to prices: owns the answers it gives, which it reuses. One per thread and user of prices.
 *
 * Sources (MD-15): the stream's current tick first. Where it has no price young enough, the REST quote, for exits and
 * for everything else but orders and signals: those never see it.
 */
export class PriceReader {
  readonly limitsMs: FreshnessLimits
  readonly #ticks: readonly ReturnType<RegistryMemory['readTick']>[]
  readonly #quotes: readonly ReturnType<RegistryMemory['readQuote']>[]
  readonly #health: readonly ReturnType<RegistryMemory['readFeedHealth']>[]
  readonly #prices: { readonly [P in Purpose]: Writable<FreshPrice<P>> }
  readonly #refusal: Writable<PriceRefusal>
  readonly #shares: ReadShares | null
  /** What the last look at a source found. */
  #reason: RefusalReason = 'none'
  #ageMs = Number.NaN
  #source = SOURCE_NONE

  /**
   * @param limitsMs from `freshnessLimits`
   * @param shares counts every answer by its source; the caller is then the one reader for the purposes it asks for
   * @throws RM_FRESHNESS_LIMIT for looser ones
   */
  constructor(registry: RegistryMemory, limitsMs: FreshnessLimits = FRESHNESS_CEILINGS_MS, shares: ReadShares | null = null) {
    this.limitsMs = freshnessLimits(limitsMs)
    this.#shares = shares
    this.#ticks = Array.from({ length: registry.symbols }, (_, symbol) => registry.readTick(symbol))
    this.#quotes = Array.from({ length: registry.symbols }, (_, symbol) => registry.readQuote(symbol))
    this.#health = Array.from({ length: registry.symbols }, (_, symbol) => registry.readFeedHealth(symbol))
    this.#prices = {
      order: blankPrice('order', this.limitsMs.order),
      exit: blankPrice('exit', this.limitsMs.exit),
      signal: blankPrice('signal', this.limitsMs.signal),
      other: blankPrice('other', this.limitsMs.other),
    }
    this.#refusal = { refused: true, purpose: 'other', symbol: -1, reason: 'none', ageMs: Number.NaN, limitMs: 0, source: SOURCE_NONE }
  }

  /**
   * The current bid and ask, if they are young enough for the purpose; otherwise why not.
   *
   * Age is the older of two: since we received it (or asked for it, by REST), by our monotonic clock, and since the
   * venue made it, by the same clock and the estimated offset of the venue's from it: a step of our wall clock changes neither.
   * @throws RM_REGISTRY_SYMBOL
   */
  priceFor<P extends Purpose>(symbol: SymbolIndex, purpose: P, clock: Clock): FreshPrice<P> | PriceRefusal {
    if (!(symbol in this.#ticks)) fail('RM_REGISTRY_SYMBOL', { symbol, last: this.#ticks.length - 1 })
    const price = this.#prices[purpose] as Writable<FreshPrice<P>>
    price.symbol = symbol
    if (this.#fromStream(price, clock) && (purpose !== 'order' || this.#mayEnter(symbol))) {
      this.#shares?.countStream(symbol, purpose)
      return price as FreshPrice<P>
    }
    // What is told of a refusal is what kept the first source from answering.
    const reason = this.#reason
    const ageMs = this.#ageMs
    const source = this.#source
    if ((purpose === 'exit' || purpose === 'other') && this.#fromRest(price, clock)) {
      this.#shares?.countRest(symbol, purpose)
      return price as FreshPrice<P>
    }
    this.#shares?.countRefused(symbol, purpose)
    return this.#refuse(price, reason, ageMs, source)
  }

  #fromStream(price: Writable<FreshPrice<Purpose>>, clock: Clock): boolean {
    const reader = this.#ticks[price.symbol]!
    if (!reader.read()) return this.#found('torn', Number.NaN, SOURCE_NONE)
    const tick = reader.value
    const { source } = tick
    if (source === SOURCE_NONE) return this.#found('none', Number.NaN, SOURCE_NONE)
    const localMs = (clock.nowNs() - tick.receiveNs) / 1e6
    const venueMs = clock.nowNs() / 1e6 + tick.venueBaseMs - tick.venueTimeMs
    const ageMs = localMs > venueMs ? localMs : venueMs
    if (tick.bookValid !== 1) return this.#found('invalid-book', ageMs, source)
    if (Number.isNaN(tick.venueBaseMs)) return this.#found('clock-unknown', Number.NaN, source)
    // Written so that an age that is no number is refused.
    if (!(localMs <= price.limitMs && venueMs <= price.limitMs)) return this.#found('stale', ageMs, source)
    if (!isQuote(tick.bidTicks, tick.askTicks)) return this.#found('invalid-book', ageMs, source)
    price.bidTicks = tick.bidTicks
    price.bidLots = tick.bidLots
    price.askTicks = tick.askTicks
    price.askLots = tick.askLots
    price.lastTicks = tick.lastTicks
    price.markTicks = tick.markTicks
    price.ageMs = ageMs
    price.venueTimeMs = tick.venueTimeMs
    price.receiveNs = tick.receiveNs
    price.source = source
    price.updateId = tick.updateId
    price.tickSequence = tick.tickSequence
    return true
  }

  #fromRest(price: Writable<FreshPrice<Purpose>>, clock: Clock): boolean {
    const reader = this.#quotes[price.symbol]!
    if (!reader.read() || reader.value.source === SOURCE_NONE) return false
    const quote = reader.value
    const localMs = (clock.nowNs() - quote.askedNs) / 1e6
    const venueMs = clock.nowNs() / 1e6 + quote.venueBaseMs - quote.venueTimeMs
    if (!(localMs <= price.limitMs && venueMs <= price.limitMs) || !isQuote(quote.bidTicks, quote.askTicks)) return false
    price.bidTicks = quote.bidTicks
    price.bidLots = quote.bidLots
    price.askTicks = quote.askTicks
    price.askLots = quote.askLots
    price.lastTicks = quote.lastTicks
    price.markTicks = quote.markTicks
    price.ageMs = localMs > venueMs ? localMs : venueMs
    price.venueTimeMs = quote.venueTimeMs
    price.receiveNs = quote.askedNs
    price.source = quote.source
    price.updateId = -1
    price.tickSequence = -1
    return true
  }

  /** Whether the data of the symbol is good enough to add exposure on. */
  #mayEnter(symbol: SymbolIndex): boolean {
    const reader = this.#health[symbol]!
    if (!reader.read()) return this.#found('torn', this.#prices.order.ageMs, this.#prices.order.source)
    const word = ENTRIES_WORDS[reader.value.entries] ?? 'unknown'
    return reader.value.entries === ENTRIES_OPEN || this.#found(word as RefusalReason, this.#prices.order.ageMs, this.#prices.order.source)
  }

  #found(reason: RefusalReason, ageMs: number, source: number): false {
    this.#reason = reason
    this.#ageMs = ageMs
    this.#source = source
    return false
  }

  #refuse(price: Writable<FreshPrice<Purpose>>, reason: RefusalReason, ageMs: number, source: number): PriceRefusal {
    // Whoever kept the last answer must not go on with it.
    price.bidTicks = price.bidLots = price.askTicks = price.askLots = Number.NaN
    price.lastTicks = price.markTicks = price.ageMs = Number.NaN
    const refusal = this.#refusal
    refusal.purpose = price.purpose
    refusal.symbol = price.symbol
    refusal.reason = reason
    refusal.ageMs = ageMs
    refusal.limitMs = price.limitMs
    refusal.source = source
    return refusal
  }
}

const isQuote = (bidTicks: PriceTicks, askTicks: PriceTicks): boolean => bidTicks > 0 && askTicks > bidTicks && askTicks < NO_ASK
