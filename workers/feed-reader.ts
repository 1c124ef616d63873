import type { FeedBook, FeedDecision, FeedDecisions, FeedMessage, FeedSymbol, FeedTrace } from '../src/api/link/index.ts'
import type { Clock, Instrument } from '../src/core/index.ts'
import { DETECTORS } from '../src/detection/index.ts'
import { featureNames } from '../src/features/index.ts'
import { ENTRIES_WORDS, INSTRUMENT_STATUSES, PriceReader, REGIME_NAMES } from '../src/market/index.ts'
import { BLOCK_KINDS, BY_CONSENSUS, BY_MODEL, DECISION, DECISION_ENTRY, DECISION_EXIT, DECISION_REASONS, FEATURE_VECTOR, type LossyConsumer, PastReader, STRATEGY_NAMES } from '../src/memory/index.ts'
import type { EngineMemory } from './engine-memory.ts'

/** Line of the feed in the rings of decisions; it holds nobody back. */
const FEED_LINE = 1
const DECISIONS_PER_LOOK = 64
/** Also a symbol that does not change is told now and then: its ages do. */
const AGE_LOOKS = 10
const SOURCES = ['none', 'stream', 'rest'] as const

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Reads cells and rings of the engine for the gateway: the newest of everything, and what was lost is counted. */
export class FeedReader {
  readonly #memory: EngineMemory
  readonly #clock: Clock
  readonly #instruments: readonly Instrument[]
  readonly #prices: PriceReader
  readonly #rows: readonly SymbolRow[]
  readonly #account: ReturnType<EngineMemory['registry']['readAccount']>
  readonly #decisionOut = new Float64Array((DECISIONS_PER_LOOK * DECISION.byteLength) / 8)
  readonly #decisionView = DECISION.view(this.#decisionOut.buffer)
  readonly #vectorOut = new Int32Array(FEATURE_VECTOR.byteLength / 4)
  readonly #vectorView = FEATURE_VECTOR.view(this.#vectorOut.buffer)
  #looks = 0
  #accountNs = -1

  constructor(memory: EngineMemory, instruments: readonly Instrument[], clock: Clock) {
    const { registry } = memory
    this.#memory = memory
    this.#clock = clock
    this.#instruments = instruments
    this.#prices = new PriceReader(registry)
    this.#account = registry.readAccount()
    this.#rows = instruments.map(({ index }) => {
      const ring = memory.decisions[index]!
      ring.open(FEED_LINE, 'lossy')
      return {
        tick: registry.readTick(index),
        stats: registry.readStats(index),
        health: registry.readFeedHealth(index),
        regime: registry.readRegime(index),
        detection: registry.readDetection(index),
        indicators: registry.readIndicators(index),
        picture: registry.readPicture(index),
        decisions: ring.lossyConsumer(FEED_LINE),
        vectors: new PastReader(memory.vectors[index]!),
        seen: '',
        bookNs: -1,
        featuresNs: -1,
      }
    })
  }

  get hello(): FeedMessage {
    return { type: 'hello', instruments: this.#instruments.map(({ index, symbol, tick, lot }) => ({ index, symbol, tick: tick.text, lot: lot.text })), featureNames: featureNames() }
  }

  /** Somebody new listens: everything is news again; decisions of before are not. */
  begin(): void {
    this.#looks = 0
    this.#accountNs = -1
    for (const row of this.#rows) {
      row.seen = ''
      row.bookNs = -1
      row.featuresNs = -1
      row.decisions.skipTo(DECISIONS_PER_LOOK)
    }
  }

  /** What is news since the last look. @param books and @param features indices of the symbols that somebody looks at */
  look(books: readonly number[], features: readonly number[]): FeedMessage[] {
    const atMs = this.#clock.wallMs()
    const messages: FeedMessage[] = []
    const all = this.#looks++ % AGE_LOOKS === 0
    const symbols = this.#instruments.flatMap((instrument, i) => this.#symbol(instrument, this.#rows[i]!, all) ?? [])
    if (symbols.length > 0) messages.push({ type: 'symbols', atMs, symbols })
    const decisions = this.#decisions(atMs)
    if (decisions !== null) messages.push(decisions)
    const pictures = books.flatMap((index) => this.#book(index) ?? [])
    if (pictures.length > 0) messages.push({ type: 'books', atMs, books: pictures })
    const rows = features.flatMap((index) => this.#features(index) ?? [])
    if (rows.length > 0) messages.push({ type: 'features', atMs, rows })
    const account = this.#accountNews(all)
    if (account !== null) messages.push(account)
    return messages
  }

  #symbol({ index, tick: step }: Instrument, row: SymbolRow, all: boolean): FeedSymbol | null {
    const { tick, stats, health, regime, detection } = row
    const known = tick.read() && tick.value.source !== 0
    const told = stats.read() && stats.value.source !== 0
    const heard = health.read() && health.value.written === 1
    const named = regime.read() && regime.value.regime !== 0
    const looked = detection.read() && detection.value.updatedNs !== 0
    const now = tick.value
    const seen = `${known ? now.receiveNs : 0} ${now.tickSequence} ${told ? stats.value.updatedMs : 0} ${heard ? health.value.updatedNs : 0} ${named ? regime.value.updatedNs : 0} ${looked ? detection.value.updatedNs : 0}`
    if (!all && seen === row.seen) return null
    row.seen = seen
    const price = this.#prices.priceFor(index, 'other', this.#clock)
    const levels = detection.value
    const level = (ticks: number, strength: number): FeedSymbol['support'] => (!looked || ticks < 0 ? null : { ticks, strength })
    const block = (number: number, confidence: number): FeedSymbol['buying'] => (!looked || number === 0 ? null : { detector: DETECTORS[number - 1]!, confidence })
    const of = (value: number): number | null => (told ? orNull(value) : null)
    const s = stats.value
    return {
      index,
      // The price that may be acted upon, from whichever source; the cell itself where there is none.
      ...(price.refused ? { bidTicks: known ? now.bidTicks : -1, bidLots: now.bidLots, askTicks: known ? now.askTicks : -1, askLots: now.askLots } : { bidTicks: price.bidTicks, bidLots: price.bidLots, askTicks: price.askTicks, askLots: price.askLots }),
      lastTicks: known ? now.lastTicks : -1,
      markTicks: told && Number.isFinite(s.markPrice) ? s.markPrice / step.value : -1,
      venueTimeMs: known ? now.venueTimeMs : 0,
      ageMs: Number.isFinite(price.ageMs) ? Math.round(price.ageMs) : null,
      source: price.refused ? 'none' : (SOURCES[price.source] ?? 'none'),
      bookValid: known && now.bookValid === 1,
      integrity: heard && health.value.entries !== 0 ? health.value.integrity : null,
      entries: heard ? (ENTRIES_WORDS[health.value.entries] ?? ENTRIES_WORDS[0]) : ENTRIES_WORDS[0],
      volume24h: of(s.volume24h),
      turnover24h: of(s.turnover24h),
      high24h: of(s.high24h),
      low24h: of(s.low24h),
      open24h: of(s.open24h),
      openInterest: of(s.openInterest),
      fundingRate: of(s.fundingRate),
      nextFundingMs: of(s.nextFundingMs),
      status: told ? (INSTRUMENT_STATUSES[s.status] ?? INSTRUMENT_STATUSES[0]) : INSTRUMENT_STATUSES[0],
      regime: named ? (REGIME_NAMES[regime.value.regime] ?? null) : null,
      buying: block(levels.buyDetector, levels.buyConfidence),
      selling: block(levels.sellDetector, levels.sellConfidence),
      support: level(levels.supportTicks, levels.supportStrength),
      resistance: level(levels.resistanceTicks, levels.resistanceStrength),
    }
  }

  #book(index: number): FeedBook | null {
    const row = this.#rows[index]
    if (row === undefined || !row.picture.read()) return null
    const { receiveNs, valid, updateId, venueTimeMs, bidLevels, askLevels, f64, bidTicks, bidLots, askTicks, askLots } = row.picture.value
    if (receiveNs === row.bookNs) return null
    row.bookNs = receiveNs
    const side = (ticks: number, lots: number, count: number): number[] => {
      const flat: number[] = []
      for (let i = 0; i < count; i++) flat.push(f64[ticks + i]!, f64[lots + i]!)
      return flat
    }
    return { index, valid: valid === 1, updateId, venueTimeMs, bids: side(bidTicks, bidLots, bidLevels), asks: side(askTicks, askLots, askLevels) }
  }

  #features(index: number): { readonly index: number; readonly values: readonly number[] } | null {
    const row = this.#rows[index]
    if (row === undefined || !row.indicators.read()) return null
    const { updatedNs, count, warm, f64, values } = row.indicators.value
    if (updatedNs === row.featuresNs || count === 0) return null
    row.featuresNs = updatedNs
    return { index, values: warm === 1 ? Array.from(f64.subarray(values, values + count)) : [] }
  }

  #decisions(atMs: number): FeedDecisions | null {
    const decisions: FeedDecision[] = []
    let lost = 0
    for (const [i, row] of this.#rows.entries()) {
      const count = row.decisions.read(this.#decisionOut, DECISIONS_PER_LOOK)
      lost += row.decisions.lost
      for (let n = 0; n < count; n++) decisions.push(this.#decision(this.#instruments[i]!.index, row, n * DECISION.byteLength, atMs))
    }
    return decisions.length === 0 ? null : { type: 'decisions', lost, decisions }
  }

  #decision(index: number, row: SymbolRow, at: number, atMs: number): FeedDecision {
    const one = this.#decisionView.at(at)
    const ageMs = (this.#clock.nowNs() - one.publishNs) / 1e6
    const kind = one.kind === DECISION_ENTRY ? 'entry' : one.kind === DECISION_EXIT ? 'exit' : 'none'
    return {
      index,
      epoch: this.#memory.sessionEpoch ?? 0,
      sequence: one.sequence,
      vectorSequence: one.vectorSequence,
      atMs: Math.round(atMs - ageMs),
      venueTimeMs: one.venueTimeMs,
      kind,
      side: one.side === 0 ? 'buy' : 'sell',
      by: one.by === BY_MODEL ? 'model' : one.by === BY_CONSENSUS ? 'consensus' : 'fallback',
      confidence: one.confidence,
      reason: DECISION_REASONS[one.reason] ?? 'unknown',
      votes: STRATEGY_NAMES.map((_name, place) => one.f64[one.votes + place]!),
      model: one.modelRun === 1 ? { sell: one.modelSell, hold: one.modelHold, buy: one.modelBuy, confidence: one.modelConfidence } : null,
      block: one.block === 0 ? null : { kind: BLOCK_KINDS[one.block] ?? 'none', confidence: one.blockConfidence },
      configHash: one.configHash.toString(16).padStart(8, '0'),
      bidTicks: one.bidTicks,
      askTicks: one.askTicks,
      tickToDecisionUs: Math.round((one.publishNs - one.receiveNs) / 1000),
      trace: kind === 'none' ? null : this.#trace(row, one.vectorSequence, one.receiveNs),
    }
  }

  /** The vector behind a decision, as long as it stands in its ring. */
  #trace(row: SymbolRow, vectorSequence: number, receiveNs: number): FeedTrace | null {
    if (!row.vectors.read(vectorSequence, this.#vectorOut)) return null
    const vector = this.#vectorView.at(0)
    if (vector.sequence !== vectorSequence) return null
    const { health, tick } = row
    const heard = health.read() && health.value.entries !== 0
    const known = tick.read() && tick.value.source !== 0
    return {
      features: Array.from(vector.f64.subarray(vector.values, vector.values + vector.count)),
      lastTicks: known ? tick.value.lastTicks : -1,
      source: known ? (SOURCES[tick.value.source] ?? 'none') : 'none',
      receivedAgoUs: Math.round((this.#clock.nowNs() - receiveNs) / 1000),
      integrity: heard ? health.value.integrity : null,
      entries: heard ? (ENTRIES_WORDS[health.value.entries] ?? ENTRIES_WORDS[0]) : ENTRIES_WORDS[0],
    }
  }

  #accountNews(all: boolean): FeedMessage | null {
    if (!this.#account.read()) return null
    const { balance, marginUsed, marginAvailable, updatedNs } = this.#account.value
    if (updatedNs === 0 || (!all && updatedNs === this.#accountNs)) return null
    this.#accountNs = updatedNs
    return { type: 'account', balance, used: marginUsed, available: marginAvailable, ageMs: Math.max(0, Math.round((this.#clock.nowNs() - updatedNs) / 1e6)) }
  }
}

interface SymbolRow {
  readonly tick: ReturnType<EngineMemory['registry']['readTick']>
  readonly stats: ReturnType<EngineMemory['registry']['readStats']>
  readonly health: ReturnType<EngineMemory['registry']['readFeedHealth']>
  readonly regime: ReturnType<EngineMemory['registry']['readRegime']>
  readonly detection: ReturnType<EngineMemory['registry']['readDetection']>
  readonly indicators: ReturnType<EngineMemory['registry']['readIndicators']>
  readonly picture: ReturnType<EngineMemory['registry']['readPicture']>
  readonly decisions: LossyConsumer
  readonly vectors: PastReader
  /** What of it was told last. */
  seen: string
  bookNs: number
  featuresNs: number
}
