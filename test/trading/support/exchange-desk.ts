import { ExecutionActor } from '../../../actors/execution.ts'
import { BUY, type Instrument, Random, SELL, type Side, type Timer, VirtualTime } from '../../../src/core/index.ts'
import { BybitFront } from '../../../src/exchange/bybit/index.ts'
import { createCounters } from '../../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, type ExchangeOrder, GeneratedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import { DECISION } from '../../../src/memory/index.ts'
import type { ActorContext, ActorStatus } from '../../../src/runtime/actor.ts'
import { MemoryJournal, MemoryKillStore, type SymbolState, tradingDefaults, type TradingRecord, type TradingSettings } from '../../../src/trading/index.ts'
import { bybitUrlsAt, createBybitVenue, createOkxVenue, okxUrlsAt, type TradingPort, type Venue, type VenueServices } from '../../../src/venues/index.ts'
import { FrontTransport } from '../../venues/front-transport.ts'
import { CLEARED, exitSets } from './world.ts'

export type VenueName = 'bybit' | 'okx'
export const SYMBOL = 'BTCUSDT'
const ACCOUNT = 'main'
const LATENCY = { requestMs: 3, replyMs: 2, pushMs: 4, marketMs: 1, jitterMs: 3 }

/** Tight distances, so that the generated market reaches them within minutes: own stop 0.02 %, the venue's 0.01 % behind it. */
export const deskSettings = (venue: VenueName): TradingSettings => ({
  ...tradingDefaults,
  account: 'desk',
  entry: { ...tradingDefaults.entry, notional: '600', offset: { ...tradingDefaults.entry.offset, byRegime: { choppy: { percent: '0.05', marketOrder: true } } } },
  exit: { ...tradingDefaults.exit, byRegime: exitSets({ takeProfitPercent: '20', stopLossPercent: '0.02', holdMsMax: 86_400_000 }) },
  protection: { ...tradingDefaults.protection, behindPercent: '0.01', stepPercent: '0.002', clearAfterClose: venue === 'okx' },
})

interface Life {
  alive: boolean
  readonly actor: ExecutionActor
  readonly port: TradingPort
  readonly timers: Timer[]
  status: ActorStatus | null
}

/** Built-in exchange, one of its fronts, the adapter for it and lives of the execution actor, on one virtual time. */
export class ExchangeDesk {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly exchange: Exchange
  readonly front: BybitFront | OkxFront
  readonly settings: TradingSettings
  readonly logs: string[] = []
  readonly counts = new Map<string, number>()
  readonly defects: unknown[] = []
  /** No price reaches the engine any more. */
  blind = false
  /** Puts something in the way of a port: refusals. */
  wrap: (port: TradingPort) => TradingPort = (port) => port
  journal = new MemoryJournal()
  life!: Life
  readonly #venue: VenueName
  readonly #slot = new SharedArrayBuffer(DECISION.byteLength)
  readonly #view = DECISION.view(this.#slot)
  #instruments: readonly Instrument[] = []
  readonly #symbols: readonly string[]
  #sequence = 0

  /** @param also symbols that are traded beside the first; decisions are made on that one */
  constructor(venue: VenueName, change: (settings: TradingSettings) => TradingSettings = (settings) => settings, also: readonly string[] = []) {
    const { time } = this
    this.#venue = venue
    this.settings = change(deskSettings(venue))
    const symbols = [SYMBOL, ...also]
    const markets = symbols.map((symbol, n) => new GeneratedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed: 3 + n, startTicks: n === 0 ? 600_000 : 30_000, rate: 30 }))
    this.exchange = new Exchange({ clock: time, timers: time, markets, ledger: new MemoryLedger(), startingBalance: '10000', defaultLeverage: '10' })
    const common = { exchange: this.exchange, clock: time, timers: time, random: new Random(5, 'front'), counters: createCounters(), onDefect: (error: unknown) => void this.defects.push(error) }
    this.front =
      venue === 'okx'
        ? new OkxFront({ ...common, keys: [{ apiKey: 'k', secret: 's', passphrase: 'p', account: ACCOUNT }], latency: { ...LATENCY, historyMs: 0 } })
        : new BybitFront({ ...common, keys: [{ apiKey: 'k', secret: 's', account: ACCOUNT }], shuffleTopics: true, latency: { ...LATENCY, historyMs: 200 } })
    this.exchange.start()
    this.#symbols = symbols
    this.readInstruments()
  }

  /** As a new process does: the next life runs on what the venue says now. */
  readInstruments(): void {
    const found: Instrument[] = []
    this.#open().reference.instruments([...this.#symbols], (_error, list) => void found.push(...list))
    while (found.length === 0) this.run(1)
    this.#instruments = found
  }

  /** Starts the next life on what the journal holds: a new process, with a new epoch. */
  start(): void {
    this.journal = new MemoryJournal(this.journal.bytes())
    this.#sequence = 0
    const { time } = this
    const life: Partial<Life> & { alive: boolean; timers: Timer[]; status: ActorStatus | null } = { alive: true, timers: [], status: null }
    const guard = (run: () => void) => () => {
      if (life.alive) run()
    }
    const context: ActorContext = {
      id: 'execution',
      kind: 'execution',
      symbol: null,
      incarnation: 0,
      clock: time,
      timers: { after: (ms, run) => time.after(ms, guard(run)), every: (ms, run) => (life.timers.push(time.every(ms, guard(run))), life.timers.at(-1)!) },
      random: new Random(7),
      log: (level, message, data) => void this.logs.push(`${level} ${message}${level === 'info' || data === undefined ? '' : ` ${JSON.stringify(data)}`}`),
      count: (name, label = '', by = 1) => void this.counts.set(`${name}/${label}`, (this.counts.get(`${name}/${label}`) ?? 0) + by),
      observe: () => {},
      report: (status) => void (life.status = status),
    }
    const quote = { refused: false as const, bidTicks: 0, askTicks: 0, receiveNs: 0 }
    const price = (index: number) => {
      if (this.blind) return { refused: true as const, reason: 'blind' }
      const { symbol, tick } = this.#instruments[index]!
      const summary = this.exchange.summary(symbol)
      // The exchange counts in the steps of its market, of which a tick may be several.
      const steps = Math.round(tick.value / Number(defaultContracts.find((one) => one.symbol === symbol)!.tick.text))
      return Object.assign(quote, { bidTicks: Math.floor(summary.bidTicks / steps), askTicks: Math.ceil(summary.askTicks / steps), receiveNs: time.nowNs() })
    }
    const port = this.#open().trading(this.#instruments)
    const actor = new ExecutionActor(context, {
      instruments: this.#instruments,
      decisions: this.#instruments.map(() => this.#slot),
      prices: { orderPrice: price, exitPrice: price },
      conditions: { regime: () => 'choppy', atrTicks: () => Number.NaN },
      observations: { fresh: () => !this.blind, clockOffsetMs: () => 0 },
      killStore: new MemoryKillStore(),
      onKill: null,
      bands: { band: () => CLEARED.band },
      onRisk: null,
      trading: this.wrap(port),
      journal: this.journal,
      settings: this.settings,
      views: null,
      sessionEpoch: null,
      onEpoch: () => {},
      onStopped: null,
    })
    this.life = Object.assign(life, { actor, port })
    actor.start()
    this.until('ready', () => life.status?.state === 'ready')
  }

  /** Ends the life as `kill -9` does: nothing more is written or sent, the sockets close. */
  kill(): void {
    this.life.alive = false
    for (const timer of this.life.timers) timer.cancel()
    this.life.port.stop()
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  /** Runs until it holds, or fails. */
  until(what: string, holds: () => boolean, limitMs = 3_600_000, stepMs = 20): void {
    for (let ms = 0; ms < limitMs; ms += stepMs) {
      if (holds()) return
      this.run(stepMs)
    }
    throw new Error(`not within ${limitMs} ms: ${what}\n${this.logs.slice(-20).join('\n')}`)
  }

  decide(side: Side, input = 0): void {
    const view = this.#view.at(0)
    const now = this.time.nowNs()
    view.sequence = ++this.#sequence
    view.tickSequence = this.#sequence
    view.receiveNs = now
    view.publishNs = now
    view.side = side
    view.confidence = 0.9
    view.by = 1
    this.life.actor.onRecord(input, 0)
  }

  /** Opens a position and waits until its stop is known to rest. */
  open(side: Side = BUY): void {
    this.decide(side)
    this.until('a position with its stop', () => this.books.ledger.signedLots !== 0 && this.books.stop.state === 'resting', 60_000)
  }

  get books(): SymbolState {
    return this.life.actor.state.symbols.get(SYMBOL)!
  }

  booksOf(symbol: string): SymbolState {
    return this.life.actor.state.symbols.get(symbol)!
  }

  get status(): ActorStatus | null {
    return this.life.status
  }

  /** What the venue holds. */
  get held(): number {
    return this.exchange.position(ACCOUNT, SYMBOL).signedLots
  }

  /** Stops that rest at the venue. */
  get stops(): readonly ExchangeOrder[] {
    return this.exchange.orders(ACCOUNT, { open: true, conditional: true })
  }

  get records(): TradingRecord[] {
    const records: TradingRecord[] = []
    this.journal.replay((record) => void records.push(record))
    return records
  }

  of<K extends TradingRecord['kind']>(kind: K): Extract<TradingRecord, { kind: K }>[] {
    return this.records.filter((record): record is Extract<TradingRecord, { kind: K }> => record.kind === kind)
  }

  closeByHand(): void {
    this.exchange.operator.closeByHand(ACCOUNT, SYMBOL)
  }

  liquidate(): void {
    this.exchange.operator.liquidate(ACCOUNT)
  }

  /** Realised profit and fees as the venue has them. */
  get venueFills(): readonly { readonly lots: number; readonly fee: string; readonly side: Side }[] {
    return this.exchange.executions(ACCOUNT, {}).map(({ lots, fee, side }) => ({ lots, fee: fee.toFixed(), side }))
  }

  stop(): void {
    if (this.life.alive) this.kill()
    this.front.close()
    this.exchange.stop()
  }

  #open(): Venue {
    const { time } = this
    const services: VenueServices = { clock: time, timers: time, random: new Random(1), transport: new FrontTransport(this.front, time), count: (name, label = '', by = 1) => void this.counts.set(`${name}/${label}`, (this.counts.get(`${name}/${label}`) ?? 0) + by) }
    return this.#venue === 'okx'
      ? createOkxVenue({ ...services, urls: okxUrlsAt('venue', 1), credentials: { key: 'k', secret: 's', passphrase: 'p' }, settings: { protectionBy: 'mark' } })
      : createBybitVenue({ ...services, urls: bybitUrlsAt('venue', 1), credentials: { key: 'k', secret: 's' }, settings: { protectionBy: 'mark' } })
  }
}

export const opposite = (side: Side): Side => (side === BUY ? SELL : BUY)
