import { fail, type Instrument } from '../src/core/index.ts'
import { DetectionStage, type DetectionWiring } from '../src/detection/index.ts'
import { BOOK_EMPTY, BOOK_LOST, BOOK_SNAPSHOT, BOOK_UNTOUCHED, type BookFeatureSettings, BookMessages, CANDLE_MS, FEATURES, FeaturePipeline, GridScale, offenders, recallTicks, VectorCache } from '../src/features/index.ts'
import type { CellWriter, SharedCount } from '../src/market/index.ts'
import type { RingProducer, View } from '../src/memory/index.ts'
import { FEATURE_VECTOR, FEATURES_MAX, type INDICATORS, Ring, TICK, TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_LEVELS, TICK_REFRESH, TICK_TRADE, VECTOR_CANDLE, VECTOR_CANDLES_ANEW, VECTOR_FEATURES } from '../src/memory/index.ts'
import type { Actor, ActorContext } from '../src/runtime/index.ts'

export interface FeaturesWiring {
  readonly instrument: Instrument
  /** Buffer of the tick ring, input 0. */
  readonly ticks: SharedArrayBuffer
  readonly vectors: RingProducer
  /** Where everybody else sees the newest values. */
  readonly indicators: CellWriter<typeof INDICATORS.fields> | null
  /** Raised to be told candles and book anew by whoever writes the ticks. */
  readonly refreshWish: SharedCount
  readonly settings: BookFeatureSettings
  /** null, or none: no detectors run. */
  readonly detection?: DetectionWiring | null
  /** Rings the bell of whoever reads the vectors: after a batch, or when their ring is full. */
  readonly onPublished: () => void
}

/**
 * Tick records in, feature vectors out, one symbol.
 *
 * Every valid book record becomes one vector of all 110 features, computed in its slot of the output ring. A vector is `warm` when
 * all of it is finite. One that was warm and is not finite any more, without a gap in between, is not published: counted,
 * and logged with the names of the features whenever those change. The actor is `busy` while the output ring has no room,
 * so no tick is lost to a slow reader. A new life reads what is left of the ticks before its first one again, and asks to be
 * told book and candles anew; no vector is made without a book. Ticks that already have a vector get no second one, and
 * neither does a state that has one (`vectors`).
 */
export class FeaturesActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: FeaturesWiring
  /** The newest vectors, each under its state. */
  readonly vectors = new VectorCache()
  readonly #pipeline: FeaturePipeline
  readonly #tick: View<typeof TICK.fields>
  readonly #vector: View<typeof FEATURE_VECTOR.fields>
  readonly #producer: RingProducer
  readonly #scale: GridScale
  /** Sequence of the newest vector in the ring, -1 before the first of this life: closed candles stand between vectors. */
  #newest = -1
  readonly #messages: BookMessages
  readonly #detection: DetectionStage | null
  /** Newest tick that has a vector. */
  #done: number
  /** Whether the ticks before the first one of this life were read again. */
  #lookedBack = false
  #warm = false
  #told = ''
  #unrung = false

  constructor(context: ActorContext, wiring: FeaturesWiring) {
    const { symbol } = wiring.instrument
    if (FEATURES !== FEATURES_MAX) fail('RM_FEATURE_WIRING', { symbol, what: 'the feature table', actual: `${FEATURES} names`, needed: `${FEATURES_MAX} names` })
    if (wiring.vectors.ring.slotBytes !== FEATURE_VECTOR.byteLength)
      fail('RM_FEATURE_WIRING', { symbol, what: 'a slot of the vector ring', actual: `${wiring.vectors.ring.slotBytes} bytes`, needed: `${FEATURE_VECTOR.byteLength} bytes` })
    this.#context = context
    this.#wiring = wiring
    this.#pipeline = new FeaturePipeline(wiring.instrument, wiring.settings)
    this.#messages = new BookMessages(symbol, this.#pipeline)
    this.#detection = wiring.detection == null ? null : new DetectionStage(context, wiring.instrument, wiring.detection)
    this.#pipeline.ear = this.#detection?.set ?? null
    this.#tick = TICK.view(wiring.ticks)
    this.#vector = FEATURE_VECTOR.view(wiring.vectors.ring.buffer)
    this.#producer = wiring.vectors
    this.#scale = new GridScale(wiring.instrument)
    this.#done = this.#lastDone()
  }

  start(): void {
    this.#context.report({ state: 'starting', note: 'waits for a book' })
    this.#wiring.refreshWish.raise()
  }

  get busy(): boolean {
    return this.#producer.room === 0
  }

  /** @throws RM_FEATURE_RING_FULL when called while `busy`: the record is not lost, the scheduler keeps it. */
  onRecord(_input: number, slot: number, sequence: number, last: boolean): void {
    if (!this.#lookedBack) {
      this.#lookedBack = true
      const ticks = recallTicks(this.#wiring.ticks, sequence, this.#messages, this.#pipeline)
      if (ticks > 0) this.#context.log('info', 'features looked back on the ticks before this life', { ticks, before: sequence })
    }
    const tick = this.#tick.at(slot)
    const pipeline = this.#pipeline
    switch (tick.kind) {
      case TICK_LEVELS:
        this.#messages.collect(tick)
        break
      case TICK_BOOK:
        this.#book(tick, sequence)
        break
      case TICK_TRADE:
        pipeline.takeTrade(tick)
        break
      case TICK_CANDLE:
        this.#candle(tick)
        this.#tellCandle(tick, sequence, VECTOR_CANDLE)
        break
      case TICK_REFRESH:
        pipeline.resetCandles()
        this.vectors.clear()
        this.#tellCandle(tick, sequence, VECTOR_CANDLES_ANEW)
        break
      case TICK_GAP:
        this.#gap()
        break
    }
    if (this.#unrung && (last || this.busy)) {
      this.#unrung = false
      this.#show()
      this.#wiring.onPublished()
    }
  }

  stop(_graceful: boolean, done: () => void): void {
    this.#context.report({ state: 'stopping' })
    done()
  }

  #candle(tick: View<typeof TICK.fields>): void {
    const follows = this.#pipeline.onClosed(tick.candleStartMs, tick.candleOpenTicks, tick.candleHighTicks, tick.candleLowTicks, tick.candleCloseTicks, tick.candleLots, CANDLE_MS)
    if (follows) return
    this.#context.count('features_candle_holes')
    this.#wiring.refreshWish.raise()
  }

  /** Passes a closed candle on, or the word that they begin anew. One that was told before comes again after a restart: readers know it by its start. */
  #tellCandle(tick: View<typeof TICK.fields>, sequence: number, kind: number): void {
    const vector = this.#claim(sequence)
    const from = vector.values
    const scale = this.#scale
    vector.f64[from] = scale.price(tick.candleOpenTicks)
    vector.f64[from + 1] = scale.price(tick.candleHighTicks)
    vector.f64[from + 2] = scale.price(tick.candleLowTicks)
    vector.f64[from + 3] = scale.price(tick.candleCloseTicks)
    vector.f64[from + 4] = scale.size(tick.candleLots)
    vector.count = kind === VECTOR_CANDLE ? 5 : 0
    vector.warm = 0
    vector.kind = kind
    vector.candleStartMs = kind === VECTOR_CANDLE ? tick.candleStartMs : 0
    this.#stamp(vector, tick, sequence)
    this.#producer.publish()
    this.#unrung = true
  }

  #claim(sequence: number): View<typeof FEATURE_VECTOR.fields> {
    const producer = this.#producer
    if (!producer.claim(1)) fail('RM_FEATURE_RING_FULL', { tickSequence: sequence, depth: producer.ring.slots - producer.room, slots: producer.ring.slots })
    return this.#vector.at(producer.slot(0))
  }

  #stamp(vector: View<typeof FEATURE_VECTOR.fields>, tick: View<typeof TICK.fields>, sequence: number): void {
    vector.sequence = this.#producer.next
    vector.tickSequence = sequence
    vector.venueTimeMs = tick.venueTimeMs
    vector.receiveNs = tick.receiveNs
    vector.tickPublishNs = tick.publishNs
    vector.bidTicks = tick.f64[tick.bidTicks]!
    vector.askTicks = tick.f64[tick.askTicks]!
    vector.publishNs = this.#context.clock.nowNs()
  }

  /** A whole message, and what comes out becomes a vector. */
  #book(tick: View<typeof TICK.fields>, sequence: number): void {
    const pipeline = this.#pipeline
    const taken = this.#messages.take(tick)
    if (taken === BOOK_UNTOUCHED) return
    if (taken === BOOK_LOST) return this.#lost('a message could not be applied')
    // A venue may begin its ids anew with a snapshot.
    if (taken === BOOK_SNAPSHOT) this.vectors.clear()
    this.#form(tick)
    if (tick.bookValid !== 1) return
    const { top } = pipeline.bookFeatures
    // The record carries the best level of the book that ingest has: ours must be the same book.
    if (top.bidTicks[0] !== tick.f64[tick.bidTicks] || top.askTicks[0] !== tick.f64[tick.askTicks]) return this.#lost(`best prices ${top.bidTicks[0]}/${top.askTicks[0]} are ${tick.f64[tick.bidTicks]}/${tick.f64[tick.askTicks]} in the record`)
    if (taken === BOOK_EMPTY && this.vectors.find(tick.updateId, tick.candleStartMs, pipeline.trades, tick.candleLots) >= 0) return this.#context.count('features_unchanged')
    if (sequence > this.#done) this.#compute(tick, sequence)
  }

  #form(tick: View<typeof TICK.fields>): void {
    if (tick.candleStartMs > 0) this.#pipeline.onForming(tick.candleOpenTicks, tick.candleHighTicks, tick.candleLowTicks, tick.candleCloseTicks, tick.candleLots)
    else this.#pipeline.onNoForming()
  }

  #compute(tick: View<typeof TICK.fields>, sequence: number): void {
    const producer = this.#producer
    const vector = this.#claim(sequence)
    const warm = this.#pipeline.compute(vector.f64, vector.values) < 0
    this.vectors.keep(tick.updateId, tick.candleStartMs, this.#pipeline.trades, tick.candleLots, vector.f64, vector.values)
    if (!warm && this.#warm) {
      this.#refuse(vector, sequence)
      producer.publish(0)
      return
    }
    this.#stamp(vector, tick, sequence)
    vector.count = FEATURES
    vector.warm = warm ? 1 : 0
    vector.kind = VECTOR_FEATURES
    vector.candleStartMs = 0
    this.#newest = vector.sequence
    producer.publish()
    this.#done = sequence
    this.#unrung = true
    this.#context.observe('tick_features', vector.publishNs - tick.publishNs)
    this.#note(warm, vector)
  }

  /** Once after a batch: what the detectors say, and the values of its last vector. */
  #show(): void {
    const { next: made, ring: vectors } = this.#producer
    this.#detection?.show(this.#pipeline.bookFeatures.top.midTicks, this.#vector.at(vectors.slotAt(made - 1)).venueTimeMs, this.#context.clock.nowNs())
    const cell = this.#wiring.indicators
    if (cell === null || this.#newest < 0) return
    const { ring } = this.#producer
    // Gone from the ring only when more candles follow it than the ring has places: it has been shown before them then.
    if (this.#newest < this.#producer.next - ring.slots) return
    const vector = this.#vector.at(ring.slotAt(this.#newest))
    const shown = cell.begin()
    shown.sequence = vector.sequence
    shown.tickSequence = vector.tickSequence
    shown.venueTimeMs = vector.venueTimeMs
    shown.updatedNs = vector.publishNs
    shown.count = vector.count
    shown.warm = vector.warm
    const from = vector.values
    const to = shown.values
    for (let i = 0; i < vector.count; i++) shown.f64[to + i] = vector.f64[from + i]!
    cell.end()
  }

  /** Counted each time, logged when the offending features are others than before. */
  #refuse(vector: View<typeof FEATURE_VECTOR.fields>, sequence: number): void {
    const names = offenders(vector.f64, vector.values, FEATURES).join(', ')
    this.#context.count('features_rejected')
    if (names === this.#told) return
    this.#told = names
    this.#context.log('warn', 'feature vector rejected: not finite', { features: names, tickSequence: sequence })
    this.#context.report({ state: 'degraded', note: `not finite: ${names}` })
  }

  /** Told when it changes: warm, or how many features still wait for their window. */
  #note(warm: boolean, vector: View<typeof FEATURE_VECTOR.fields>): void {
    if (warm && this.#warm && this.#told === '') return
    if (warm) {
      // Without it a console says nothing between the reconciliation and the first decision.
      if (!this.#warm) this.#context.log('info', 'features are whole: decisions may follow', { features: FEATURES, tickSequence: vector.tickSequence })
      this.#warm = true
      this.#told = ''
      this.#context.report({ state: 'ready' })
      return
    }
    // Names cost time and memory: once a hundred vectors is enough to see what is waited for.
    if (this.#told !== '' && vector.sequence % 100 !== 0) return
    const names = offenders(vector.f64, vector.values, FEATURES)
    const told = `warming up: ${names.length} of ${FEATURES} features, ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`
    if (told === this.#told) return
    this.#told = told
    this.#context.report({ state: 'degraded', note: told })
  }

  /** Nothing that came before the gap may reach what comes after it. */
  #gap(): void {
    this.#pipeline.onGap()
    this.vectors.clear()
    this.#messages.drop()
    this.#warm = false
    this.#told = ''
    this.#detection?.show(Number.NaN, 0, this.#context.clock.nowNs())
    this.#context.count('features_gaps')
    this.#context.report({ state: 'degraded', note: 'warming up: the book had a gap' })
  }

  /** Our copy is not the book of ingest: nothing is computed until it was told anew. */
  #lost(why: string): void {
    this.#gap()
    this.#context.count('features_lost')
    this.#context.log('error', 'the book of the features is lost, asking for it anew', { why })
    this.#wiring.refreshWish.raise()
  }

  /** The last published vector outlives its actor in the ring: it says where the dead one stood. */
  #lastDone(): number {
    const { ring, next } = this.#producer
    if (next === 0) return -1
    const done = this.#vector.at(ring.slotAt(next - 1)).tickSequence
    // A tick that the ring of ticks never had belongs to an older ring: its numbers say nothing about this one's.
    return done < Ring.attach(this.#wiring.ticks, TICK.byteLength).published ? done : -1
  }
}
