import type { Clock, Instrument, SymbolIndex } from '../src/core/index.ts'
import { DETECTORS } from '../src/detection/index.ts'
import { ENTRIES_WORDS, INSTRUMENT_STATUSES, PriceReader, type ReadShares, REGIME_NAMES, REGIME_SOURCES, type RegistryMemory } from '../src/market/index.ts'
import { DEAD_MAN_STATES, VENUE_STOP_STATES } from '../src/memory/index.ts'
import type { AccountHealth, BlockHealth, BookHealth, DetectionHealth, MarketHealth, PositionHealth, SymbolHealth } from '../src/runtime/health/index.ts'

/** Words for CURRENT_TICK.source and its like. */
const SOURCES = ['none', 'stream', 'rest'] as const

/** Reads the registry and says how every symbol and the account are; one per thread. */
export class SymbolReporter {
  readonly #clock: Clock
  readonly #instruments: readonly Instrument[]
  readonly #shares: ReadShares
  readonly #prices: PriceReader
  readonly #account: ReturnType<RegistryMemory['readAccount']>
  readonly #readers: readonly {
    readonly tick: ReturnType<RegistryMemory['readTick']>
    readonly stats: ReturnType<RegistryMemory['readStats']>
    readonly position: ReturnType<RegistryMemory['readPosition']>
    readonly health: ReturnType<RegistryMemory['readFeedHealth']>
    readonly regime: ReturnType<RegistryMemory['readRegime']>
    readonly detection: ReturnType<RegistryMemory['readDetection']>
  }[]

  constructor(registry: RegistryMemory, shares: ReadShares, instruments: readonly Instrument[], clock: Clock) {
    this.#clock = clock
    this.#instruments = instruments
    this.#shares = shares
    this.#prices = new PriceReader(registry, undefined, shares)
    this.#account = registry.readAccount()
    this.#readers = instruments.map(({ index }) => ({
      tick: registry.readTick(index),
      stats: registry.readStats(index),
      position: registry.readPosition(index),
      health: registry.readFeedHealth(index),
      regime: registry.readRegime(index),
      detection: registry.readDetection(index),
    }))
  }

  symbols(): SymbolHealth[] {
    return this.#instruments.map((instrument, at) => this.#symbol(instrument, at))
  }

  /** null before the first word of the venue. */
  account(): AccountHealth | null {
    if (!this.#account.read() || this.#account.value.updatedNs === 0) return null
    const { balance, marginUsed, marginAvailable, marginTotal, updatedNs, deadMan } = this.#account.value
    return { balance, used: marginUsed, available: marginAvailable, total: marginTotal, ageMs: this.#sinceMs(updatedNs), deadMan: DEAD_MAN_STATES[deadMan] ?? DEAD_MAN_STATES[0] }
  }

  #symbol(instrument: Instrument, at: number): SymbolHealth {
    const { index, symbol, tick } = instrument
    const price = this.#prices.priceFor(index, 'other', this.#clock)
    const { tick: cell, health, regime } = this.#readers[at]!
    const known = cell.read() && cell.value.source !== 0
    const heard = health.read() && health.value.written === 1
    const named = regime.read() && regime.value.regime !== 0
    const shares = this.#shares
    return {
      symbol,
      lastPrice: known && cell.value.lastTicks >= 0 ? tick.toNumber(cell.value.lastTicks) : null,
      priceAgeMs: Number.isFinite(price.ageMs) ? Math.round(price.ageMs) : null,
      priceSource: price.refused ? SOURCES[0] : (SOURCES[price.source] ?? SOURCES[0]),
      bookValid: known && cell.value.bookValid === 1,
      clockOffsetMs: known ? orNull(cell.value.venueBaseMs + this.#clock.nowNs() / 1e6 - this.#clock.wallMs()) : null,
      clockRoundTripMs: heard ? orNull(health.value.clockRoundTripMs) : null,
      regime: named ? (REGIME_NAMES[regime.value.regime] ?? null) : null,
      regimeSource: named ? (REGIME_SOURCES[regime.value.source] ?? null) : null,
      detection: this.#detection(instrument, at),
      book: this.#book(at, heard),
      reads: { order: shares.of(index, 'order'), exit: shares.of(index, 'exit'), signal: shares.of(index, 'signal'), other: shares.of(index, 'other') },
      market: this.#market(instrument, at),
      position: this.#position(instrument, at),
    }
  }

  #detection({ tick }: Instrument, at: number): DetectionHealth | null {
    const reader = this.#readers[at]!.detection
    if (!reader.read() || reader.value.updatedNs === 0) return null
    const { buyDetector, buyConfidence, sellDetector, sellConfidence, patterns, supportTicks, resistanceTicks, running, missing, updatedNs } = reader.value
    const named = (bits: number): string[] => DETECTORS.filter((_, i) => (bits & (1 << i)) !== 0)
    const block = (detector: number, confidence: number): BlockHealth | null => (detector === 0 ? null : { detector: DETECTORS[detector - 1]!, confidence })
    const price = (ticks: number): number | null => (ticks < 0 ? null : tick.toNumber(Math.round(ticks)))
    return {
      buying: block(buyDetector, buyConfidence),
      selling: block(sellDetector, sellConfidence),
      patterns,
      support: price(supportTicks),
      resistance: price(resistanceTicks),
      running: named(running),
      missing: named(missing),
      ageMs: this.#sinceMs(updatedNs),
    }
  }

  #book(at: SymbolIndex, heard: boolean): BookHealth {
    const health = this.#readers[at]!.health.value
    if (!heard) return { integrity: null, entries: ENTRIES_WORDS[0], rebuilds: 0, audits: { equal: 0, mismatch: 0, stale: 0, inconclusive: 0, noAnswer: 0 }, auditAgeMs: null, reconnects: 0 }
    return {
      integrity: health.entries === 0 ? null : Math.round(health.integrity * 1e4) / 1e4,
      entries: ENTRIES_WORDS[health.entries] ?? ENTRIES_WORDS[0],
      rebuilds: health.rebuilds,
      audits: { equal: health.auditsEqual, mismatch: health.auditsMismatch, stale: health.auditsStale, inconclusive: health.auditsInconclusive, noAnswer: health.auditsNoAnswer },
      auditAgeMs: health.auditNs > 0 ? this.#sinceMs(health.auditNs) : null,
      reconnects: health.reconnects,
    }
  }

  #market({ tick }: Instrument, at: number): MarketHealth | null {
    const { stats } = this.#readers[at]!
    if (!stats.read() || stats.value.source === 0) return null
    const now = stats.value
    const bounded = now.limitsEnabled === 1
    return {
      price: orNull(now.lastPrice),
      markPrice: orNull(now.markPrice),
      indexPrice: orNull(now.indexPrice),
      volume: orNull(now.volume24h),
      volumeCcy: orNull(now.turnover24h),
      high24h: orNull(now.high24h),
      low24h: orNull(now.low24h),
      open24h: orNull(now.open24h),
      openInterest: orNull(now.openInterest),
      fundingRate: orNull(now.fundingRate),
      nextFundingMs: orNull(now.nextFundingMs),
      fundingIntervalMs: orNull(now.fundingIntervalMs),
      highestBuy: bounded ? tick.toNumber(now.highestBuyTicks) : null,
      lowestSell: bounded ? tick.toNumber(now.lowestSellTicks) : null,
      status: INSTRUMENT_STATUSES[now.status] ?? INSTRUMENT_STATUSES[0],
      source: SOURCES[now.source] ?? SOURCES[0],
      updatedMs: now.updatedMs,
    }
  }

  #position({ lot, tick }: Instrument, at: number): PositionHealth | null {
    const reader = this.#readers[at]!.position
    if (!reader.read() || reader.value.signedLots === 0) return null
    const { signedLots, entryPrice, venueStop, venueStopTicks, venueStopAlarm, conservative } = reader.value
    return {
      side: signedLots > 0 ? 'long' : 'short',
      size: lot.format(Math.abs(signedLots)),
      entryPrice: String(entryPrice),
      exitPlan: conservative === 1 ? 'conservative' : 'entry',
      stop: { price: venueStopTicks > 0 ? tick.format(venueStopTicks) : null, state: VENUE_STOP_STATES[venueStop] ?? VENUE_STOP_STATES[0], alarm: venueStopAlarm === 1 },
    }
  }

  #sinceMs(ns: number): number {
    return Math.max(0, Math.round((this.#clock.nowNs() - ns) / 1e6))
  }
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
