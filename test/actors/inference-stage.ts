import { HeldView } from '../../actors/held-view.ts'
import { InferenceActor, type InferenceViews, type InferenceWiring } from '../../actors/inference.ts'
import type { RegimeWiring } from '../../actors/regime-desk.ts'
import { BUY, DecimalStep, Random, VirtualTime } from '../../src/core/index.ts'
import { ReadShares, type RegistryMemory } from '../../src/market/index.ts'
import { BY_MODEL, DECISION, FEATURE_VECTOR, Ring, VECTOR_CANDLE, VECTOR_CANDLES_ANEW, VECTOR_FEATURES } from '../../src/memory/index.ts'
import { emptyOutput, type ModelContract, type ModelOutput, type ModelPredictor } from '../../src/model/index.ts'
import type { SeenRegime } from '../../src/regime/index.ts'
import type { ActorContext, ActorStatus } from '../../src/runtime/index.ts'
import { strategyDefaults } from '../../src/strategies/index.ts'
import { type Bar, deskSettings, MINUTE_MS, START_MS } from '../strategies/stage.ts'

export const names = ['depth_bid_5', 'depth_ask_5']
export const MS = 1e6

/** What an actor sees of a registry of one symbol, with parameters that tell the regimes apart. */
export function viewsOf(registry: RegistryMemory, rule: RegimeWiring['rule']): InferenceViews {
  const of = (regime: SeenRegime, percent: number) => ({ regime, takeProfitPercent: percent, stopLossPercent: 0.3, entryOffsetPercent: 0.05 })
  return {
    symbolIndex: 0,
    shares: new ReadShares(1),
    regime: { cell: registry.writeRegime(0), parameters: { trending: of('trending', 0.6), ranging: of('ranging', 0.5), choppy: of('choppy', 0.4) }, rule },
    held: new HeldView(registry.readPosition(0), { tick: new DecimalStep('0.1'), lot: new DecimalStep('0.001') }),
    refreshWish: registry.refreshWish(0),
  }
}

/** Features beside the two that the strategy needs, of a book whose best prices are 999 and 1001. */
const BESIDE: Readonly<Record<string, (bid: number, ask: number) => number>> = {
  mid_price: () => 1000,
  bid_ask_spread_abs: () => 2,
  imbalance_5: (bid, ask) => (bid - ask) / (bid + ask),
}

/** A model under the hand of the test: every run waits until it is answered. */
export class HandModel implements ModelPredictor, ModelContract {
  readonly version = 'hand'
  readonly windowSteps: number = 2
  readonly featureCount: number = 2
  readonly stepMs: number = 0
  readonly budgetMs = 10
  readonly thresholds = { minProbability: 0.5, minConfidence: 0.4 }
  readonly output: ModelOutput = emptyOutput()
  readonly windows: number[][] = []
  readonly judgements: string[] = []
  readonly prices: [number, number][] = []
  unfit: ModelPredictor['unfit'] = null
  current: ModelContract | null = this
  #settle: { resolve: () => void; reject: (error: unknown) => void } | null = null

  run(window: Float32Array): Promise<void> {
    this.windows.push([...window])
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
  }

  seen(timeMs: number, price: number): void {
    this.prices.push([timeMs, price])
  }

  judged(what: string): void {
    this.judgements.push(what)
  }

  async answer(output: Partial<ModelOutput>): Promise<void> {
    Object.assign(this.output, { sell: 0, hold: 0, buy: 0, confidence: 0.7, expectedReturn: 0 }, output)
    this.#settle!.resolve()
    await Promise.resolve()
    await Promise.resolve()
  }

  async refuse(error: unknown): Promise<void> {
    this.#settle!.reject(error)
    await Promise.resolve()
    await Promise.resolve()
  }
}

export class Stage {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly features = Ring.create(64, FEATURE_VECTOR.byteLength)
  readonly decisionRing: Ring
  readonly counts = new Map<string, number>()
  readonly hops = new Map<string, number[]>()
  readonly statuses: ActorStatus[] = []
  readonly crashes: unknown[] = []
  readonly logs: string[] = []
  published = 0
  /** Venue time of the next vectors. */
  venueMs = 42
  readonly #candlesMs = START_MS
  onPublished = (): void => void this.published++
  actor!: InferenceActor
  readonly #model: ModelPredictor | null
  readonly #extra: Partial<InferenceWiring>
  readonly #names: readonly string[]
  readonly #vector = FEATURE_VECTOR.view(this.features.buffer)
  readonly #producer = this.features.producer()

  constructor(model: ModelPredictor | null = null, extra: Partial<InferenceWiring> = {}, decisionSlots = 64) {
    this.#model = model
    this.#extra = extra
    this.#names = extra.names ?? names
    this.decisionRing = Ring.create(decisionSlots, DECISION.byteLength)
    this.decisionRing.open(0, 'gating')
    this.features.open(0, 'gating')
    this.time.runUntil(5000 * MS)
    this.spawn()
  }

  spawn(): void {
    const context: ActorContext = {
      id: 'inference:BTCUSDT',
      kind: 'inference',
      symbol: 'BTCUSDT',
      incarnation: 0,
      clock: this.time,
      timers: this.time,
      random: new Random(1),
      log: (level, message) => void this.logs.push(`${level} ${message}`),
      count: (name, label = '', by = 1) => void this.counts.set(`${name} ${label}`.trim(), (this.counts.get(`${name} ${label}`.trim()) ?? 0) + by),
      observe: (hop, ns) => void this.hops.set(hop, [...(this.hops.get(hop) ?? []), ns]),
      report: (status) => void this.statuses.push(status),
    }
    this.actor = new InferenceActor(context, {
      features: this.features,
      decisions: this.decisionRing.producer(),
      names,
      strategies: { ...deskSettings, configs: { ...strategyDefaults, imbalance: { ...strategyDefaults.imbalance, cooldownMs: 0, repeatMs: 1 } } },
      changes: [],
      blocks: null,
      model: this.#model,
      validation: { agreeGain: 0.5, disagree: 'hold', disagreeFactor: 0.5 },
      modelIntervalMs: 0,
      decisionCooldownMs: 0,
      signalLimitMs: 3000,
      views: null,
      collect: null,
      onPublished: () => this.onPublished(),
      guard: (callback) => (...args) => {
        try {
          callback(...args)
        } catch (error) {
          this.crashes.push(error)
        }
      },
      ...this.#extra,
    })
    this.actor.start()
  }

  /** Moves the time on, then publishes and hands over one vector. */
  vector(bid: number, ask: number, options: { afterMs?: number; ageMs?: number; warm?: number; last?: boolean; count?: number } = {}): number {
    this.time.runUntil(this.time.nowNs() + (options.afterMs ?? 1) * MS)
    this.#producer.claim(1)
    const slot = this.#producer.slot(0)
    const vector = this.#vector.at(slot)
    const sequence = this.#producer.next
    const ageNs = (options.ageMs ?? 0) * MS
    Object.assign(vector, {
      sequence,
      tickSequence: 1000 + sequence,
      venueTimeMs: this.venueMs + sequence,
      kind: VECTOR_FEATURES,
      candleStartMs: 0,
      receiveNs: this.time.nowNs() - ageNs - 300,
      tickPublishNs: this.time.nowNs() - ageNs - 200,
      publishNs: this.time.nowNs() - ageNs - 100,
      bidTicks: 9990,
      askTicks: 10_010,
      count: options.count ?? this.#names.length,
      warm: options.warm ?? 1,
    })
    vector.f64[vector.values] = bid
    vector.f64[vector.values + 1] = ask
    for (let i = 2; i < this.#names.length; i++) vector.f64[vector.values + i] = BESIDE[this.#names[i]!]!(bid, ask)
    this.#producer.publish()
    this.actor.onRecord(0, slot, sequence, options.last ?? true)
    this.features.gatingConsumer(0).advance(1)
    return slot
  }

  /** Closed candles, one a minute, the newest of which ends when the next vector comes. @param from number of the first */
  candles(bars: readonly Bar[], from = 0): void {
    const firstMs = this.#candlesMs + from * MINUTE_MS
    this.venueMs = firstMs + bars.length * MINUTE_MS
    for (const [i, bar] of bars.entries()) this.#candle(VECTOR_CANDLE, firstMs + i * MINUTE_MS, bar)
  }

  candlesAnew(): void {
    this.#candle(VECTOR_CANDLES_ANEW, 0, [])
  }

  #candle(kind: number, startMs: number, bar: readonly number[]): void {
    this.#producer.claim(1)
    const slot = this.#producer.slot(0)
    const vector = this.#vector.at(slot)
    const sequence = this.#producer.next
    Object.assign(vector, { sequence, kind, venueTimeMs: this.venueMs, candleStartMs: startMs, count: bar.length, warm: 0, publishNs: this.time.nowNs() })
    for (const [i, value] of bar.entries()) vector.f64[vector.values + i] = value
    this.#producer.publish()
    this.actor.onRecord(0, slot, sequence, true)
    this.features.gatingConsumer(0).advance(1)
  }

  get decisions(): string[] {
    const view = DECISION.view(this.decisionRing.buffer)
    return Array.from({ length: this.decisionRing.published }, (_, i) => {
      const { side, by, confidence, vectorSequence } = view.at(this.decisionRing.slotAt(i))
      return `${side === BUY ? 'buy' : 'sell'} ${vectorSequence} ${confidence.toFixed(2)} ${by === BY_MODEL ? 'model' : 'fallback'}`
    })
  }

  /** Fills the window of a model without deciding on what passes. */
  warmUp(): void {
    this.vector(1, 1, { last: false })
  }
}
