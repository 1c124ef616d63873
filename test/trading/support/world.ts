import { ExecutionActor, type ExecutionWiring, type StopSummary } from '../../../actors/execution.ts'
import { DecimalStep, type Instrument, money, Random, type Side, type Timer, VirtualTime } from '../../../src/core/index.ts'
import { DECISION } from '../../../src/memory/index.ts'
import type { ActorContext, ActorStatus } from '../../../src/runtime/actor.ts'
import { type Clearance, type ExitParameters, type ExitSets, type Journal, type KillStatus, MemoryJournal, MemoryKillStore, REGIMES, tradingDefaults, type TradingRecord, type TradingSettings } from '../../../src/trading/index.ts'
import { type Connection, type Faults, ModelVenue } from './model-venue.ts'

export const SYMBOLS = ['AAAUSDT', 'BBBUSDT']

export const instruments: readonly Instrument[] = SYMBOLS.map((symbol, index) => ({
  symbol,
  index,
  baseCoin: symbol.slice(0, 3),
  quoteCoin: 'USDT',
  tick: new DecimalStep('0.10'),
  lot: new DecimalStep('0.001'),
  minLots: 1,
  maxLots: 100_000,
  minNotional: '5',
  maxLeverage: 50,
}))

/** The same exit parameters in every regime. */
export const exitSets = (change: Partial<ExitParameters>, source = 'exit.by_regime'): ExitSets =>
  Object.fromEntries(REGIMES.map((regime) => [regime, { takeProfitPercent: '0.2', stopLossPercent: '0.2', takeProfitAtr: null, stopLossAtr: null, holdMsMax: 3000, trailing: null, ...change, source: `${source}.${regime}` }]))

/** Short times, so that a whole life fits in some virtual seconds. */
export const settings: TradingSettings = {
  ...tradingDefaults,
  account: 'test',
  entry: { ...tradingDefaults.entry, ttlMs: 1500 },
  exit: { ...tradingDefaults.exit, byRegime: exitSets({}) },
  venue: { ...tradingDefaults.venue, pendingMs: 2000, absentAfterMs: 4500, rejectPauseMs: 200, rejectPauseMsMax: 1000, cancelRetryMs: 400 },
  reconcile: { ...tradingDefaults.reconcile, delayMs: 300, againMs: 500, auditMs: 3000, mismatchMs: 1500 },
  journal: { durability: 'written', flushMs: 1000 },
  sweepMs: 100,
}

/** An account that may do anything. */
export const CLEARED: Clearance = {
  blocked: '',
  funds: { equity: money('1000'), marginAvailable: money('1000') },
  leverage: money('10'),
  band: { highestBuyTicks: 1e9, lowestSellTicks: 1, enabled: true, ageMs: 0 },
}

export type CrashMode = 'before-append' | 'after-append'

/** A journal that is the last thing a life does when its turn comes. */
class MortalJournal implements Journal {
  readonly inner: MemoryJournal
  readonly #life: Life
  constructor(inner: MemoryJournal, life: Life) {
    this.inner = inner
    this.#life = life
  }
  get length(): number {
    return this.inner.length
  }
  get tornBytes(): number {
    return this.inner.tornBytes
  }
  replay(each: (record: TradingRecord, sequence: number) => void): void {
    this.inner.replay(each)
  }
  append(records: readonly TradingRecord[]): void {
    if (!this.#life.alive) return
    for (const record of records) {
      const due = this.inner.length === this.#life.crashAt
      if (due && this.#life.crashMode === 'before-append') return this.#life.die()
      this.inner.append([record])
      if (due) return this.#life.die()
    }
  }
  flush(): void {}
  flushLater(): void {}
  close(): void {}
}

/** One life of the execution actor. */
export class Life {
  alive = true
  crashAt = -1
  crashMode: CrashMode = 'after-append'
  status: ActorStatus | null = null
  kill: KillStatus | null = null
  readonly actor: ExecutionActor
  readonly connection: Connection
  readonly logs: string[] = []
  readonly hops = new Set<string>()
  readonly counts = new Map<string, number>()
  readonly #timers: Timer[] = []

  constructor(world: World, sessionEpoch: number | null, crashAt: number, crashMode: CrashMode, change: Partial<ExecutionWiring>) {
    this.crashAt = crashAt
    this.crashMode = crashMode
    this.connection = world.venue.connect()
    const { time } = world
    const guard = (run: () => void) => () => {
      if (this.alive) run()
    }
    const keep = (timer: Timer): Timer => (this.#timers.push(timer), timer)
    const context: ActorContext = {
      id: 'execution',
      kind: 'execution',
      symbol: null,
      incarnation: 0,
      clock: time,
      timers: { after: (ms, run) => time.after(ms, guard(run)), every: (ms, run) => keep(time.every(ms, guard(run))) },
      random: world.random,
      log: (level, message, data) => void this.logs.push(`${level} ${message} ${data === undefined ? '' : JSON.stringify(data)}`),
      count: (name, label = '', by = 1) => void this.counts.set(`${name}/${label}`, (this.counts.get(`${name}/${label}`) ?? 0) + by),
      observe: (hop) => void this.hops.add(hop),
      report: (status) => void (this.status = status),
    }
    const price = { refused: false as const, bidTicks: 0, askTicks: 0, receiveNs: 0 }
    const answer = (index: number) => {
      price.bidTicks = world.venue.bid(SYMBOLS[index]!)
      price.askTicks = world.venue.ask(SYMBOLS[index]!)
      price.receiveNs = time.nowNs()
      return price
    }
    this.actor = new ExecutionActor(context, {
      instruments,
      decisions: SYMBOLS.map(() => world.slot),
      prices: { orderPrice: answer, exitPrice: answer },
      conditions: { regime: () => 'choppy', atrTicks: () => Number.NaN },
      bands: { band: () => CLEARED.band },
      trading: this.connection,
      journal: new MortalJournal(world.journal, this),
      settings: world.settings,
      views: null,
      sessionEpoch,
      onEpoch: (epoch) => void (world.epoch = epoch),
      onStopped: (summary) => void (world.summary = summary),
      observations: world.observations,
      killStore: world.killStore,
      onKill: (status) => void (this.kill = status),
      onRisk: null,
      ...change,
    })
    this.actor.start()
  }

  die(): void {
    this.alive = false
    this.connection.alive = false
    for (const timer of this.#timers) timer.cancel()
  }
}

/** Virtual time, a model venue, and one execution actor after another on the same journal. */
export class World {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly random: Random
  readonly venue: ModelVenue
  readonly slot = new SharedArrayBuffer(DECISION.byteLength)
  readonly settings: TradingSettings
  readonly #view = DECISION.view(this.slot)
  readonly #sequences = SYMBOLS.map(() => 0)
  journal = new MemoryJournal()
  epoch: number | null = null
  summary: StopSummary | null = null
  life!: Life
  lives = 0
  /** What the trips of the kill switch see of the market; tests change it. */
  readonly observations = { stale: false, offsetMs: 0, fresh: (): boolean => !this.observations.stale, clockOffsetMs: (): number => this.observations.offsetMs }
  killStore = new MemoryKillStore()

  constructor(seed: number, faults: Faults, own: TradingSettings = settings) {
    this.random = new Random(seed, 'engine')
    this.settings = own
    this.venue = new ModelVenue(this.time, new Random(seed, 'venue'), SYMBOLS, faults)
  }

  /** Starts a life. @param process true: a new engine process, with a new epoch */
  start(process = true, crashAt = -1, crashMode: CrashMode = 'after-append', change: Partial<ExecutionWiring> = {}): Life {
    // What the disk holds is all that a new life gets.
    this.journal = new MemoryJournal(this.journal.bytes())
    if (process) this.#sequences.fill(0)
    this.life = new Life(this, process ? null : this.epoch, crashAt, crashMode, change)
    this.lives++
    return this.life
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  decide(index: number, side: Side, sequence = ++this.#sequences[index]!, ageMs = 1): void {
    if (!this.life.alive) return
    const view = this.#view.at(0)
    const now = this.time.nowNs()
    view.sequence = sequence
    view.tickSequence = sequence
    view.receiveNs = now - ageMs * 1e6
    view.publishNs = now
    view.side = side
    view.confidence = 0.9
    view.by = 1
    this.life.actor.onRecord(index, 0)
  }

  /** Random decisions for a while; a life that died is followed by another. */
  trade(ms: number, everyMs: number, revive: () => void): void {
    const until = this.time.nowNs() + ms * 1e6
    const choices = new Random(ms, 'decisions')
    while (this.time.nowNs() < until) {
      if (!this.life.alive) revive()
      this.decide(choices.below(SYMBOLS.length), choices.chance(0.5) ? 0 : 1)
      this.run(everyMs)
    }
  }

  records(): TradingRecord[] {
    const records: TradingRecord[] = []
    this.journal.replay((record) => void records.push(record))
    return records
  }
}
