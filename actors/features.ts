import type { Instrument } from '../src/core/index.ts'
import { fail } from '../src/core/index.ts'
import { BASIC_FEATURES, BasicFeatures, FEATURE_TABLE, LEVELS_NEEDED, firstNonFinite, offenders } from '../src/features/index.ts'
import type { CellWriter } from '../src/market/index.ts'
import type { RingProducer, View } from '../src/memory/index.ts'
import { FEATURE_VECTOR, type INDICATORS, Ring, TICK, TICK_BOOK, TICK_GAP } from '../src/memory/index.ts'
import type { Actor, ActorContext } from '../src/runtime/index.ts'

export interface FeaturesWiring {
  readonly instrument: Instrument
  /** Buffer of the tick ring, input 0. */
  readonly ticks: SharedArrayBuffer
  readonly vectors: RingProducer
  /** Where everybody else sees the newest values. */
  readonly indicators: CellWriter<typeof INDICATORS.fields> | null
  /** Rings the bell of whoever reads the vectors: after a batch, or when their ring is full. */
  readonly onPublished: () => void
}

/**
 * Tick records in, feature vectors out, one symbol.
 *
 * Every valid book record becomes one vector, computed in its slot of the output ring. A vector is `warm` from the
 * first record after a gap that has enough levels; one that should be warm but has a value that is not finite is not
 * published: counted, and logged with the names of the features whenever those change. It is `busy` while the output
 * ring has no room, so no tick is lost to a slow reader. After a restart, ticks that already have a vector are skipped.
 */
export class FeaturesActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: FeaturesWiring
  readonly #basic: BasicFeatures
  readonly #tick: View<typeof TICK.fields>
  readonly #vector: View<typeof FEATURE_VECTOR.fields>
  readonly #producer: RingProducer
  /** Newest tick that has a vector. */
  #done: number
  #warm = false
  #refusedNames = ''
  #unrung = false

  constructor(context: ActorContext, wiring: FeaturesWiring) {
    if (FEATURE_TABLE.length !== BASIC_FEATURES)
      fail('RM_FEATURE_WIRING', { symbol: wiring.instrument.symbol, what: 'the feature table', actual: `${FEATURE_TABLE.length} names`, needed: `${BASIC_FEATURES} names` })
    if (wiring.vectors.ring.slotBytes !== FEATURE_VECTOR.byteLength)
      fail('RM_FEATURE_WIRING', { symbol: wiring.instrument.symbol, what: 'a slot of the vector ring', actual: `${wiring.vectors.ring.slotBytes} bytes`, needed: `${FEATURE_VECTOR.byteLength} bytes` })
    this.#context = context
    this.#wiring = wiring
    this.#basic = new BasicFeatures(wiring.instrument)
    this.#tick = TICK.view(wiring.ticks)
    this.#vector = FEATURE_VECTOR.view(wiring.vectors.ring.buffer)
    this.#producer = wiring.vectors
    this.#done = this.#lastDone()
  }

  start(): void {
    this.#context.report({ state: 'starting', note: 'waits for a book' })
  }

  get busy(): boolean {
    return this.#producer.room === 0
  }

  /** @throws RM_FEATURE_RING_FULL when called while `busy`: the record is not lost, the scheduler keeps it. */
  onRecord(_input: number, slot: number, sequence: number, last: boolean): void {
    const tick = this.#tick.at(slot)
    if (tick.kind === TICK_GAP) this.#reset()
    else if (tick.kind === TICK_BOOK && tick.bookValid === 1 && sequence > this.#done) this.#compute(tick, sequence)
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

  #compute(tick: View<typeof TICK.fields>, sequence: number): void {
    const producer = this.#producer
    if (!producer.claim(1)) fail('RM_FEATURE_RING_FULL', { tickSequence: sequence, depth: producer.ring.slots - producer.room, slots: producer.ring.slots })
    const vector = this.#vector.at(producer.slot(0))
    this.#basic.compute(tick, vector.f64, vector.values)
    const enough = tick.bidLevels >= LEVELS_NEEDED && tick.askLevels >= LEVELS_NEEDED
    if (enough && firstNonFinite(vector.f64, vector.values, BASIC_FEATURES) >= 0) {
      this.#refuse(vector, sequence)
      producer.publish(0)
      return
    }
    vector.sequence = producer.next
    vector.tickSequence = sequence
    vector.venueTimeMs = tick.venueTimeMs
    vector.receiveNs = tick.receiveNs
    vector.tickPublishNs = tick.publishNs
    vector.bidTicks = tick.f64[tick.bidTicks]!
    vector.askTicks = tick.f64[tick.askTicks]!
    vector.count = BASIC_FEATURES
    vector.warm = enough ? 1 : 0
    const nowNs = this.#context.clock.nowNs()
    vector.publishNs = nowNs
    producer.publish()
    this.#done = sequence
    this.#unrung = true
    this.#context.observe('tick_features', nowNs - tick.publishNs)
    this.#note(enough)
  }

  /** Once after a batch: the values of its last vector. */
  #show(): void {
    const cell = this.#wiring.indicators
    if (cell === null) return
    const { ring, next } = this.#producer
    const vector = this.#vector.at(ring.slotAt(next - 1))
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
    const names = offenders(vector.f64, vector.values, BASIC_FEATURES).join(', ')
    this.#context.count('features_rejected')
    if (names === this.#refusedNames) return
    this.#refusedNames = names
    this.#context.log('warn', 'feature vector rejected: not finite', { features: names, tickSequence: sequence })
    this.#context.report({ state: 'degraded', note: `not finite: ${names}` })
    this.#warm = false
  }

  #note(warm: boolean): void {
    if (warm === this.#warm) return
    this.#warm = warm
    this.#refusedNames = ''
    this.#context.report(warm ? { state: 'ready' } : { state: 'degraded', note: `warming up: fewer than ${LEVELS_NEEDED} book levels on a side` })
  }

  /** Nothing that came before the gap may reach what comes after it. */
  #reset(): void {
    this.#warm = false
    this.#refusedNames = ''
    this.#context.count('features_gaps')
    this.#context.report({ state: 'degraded', note: 'warming up: the book had a gap' })
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
