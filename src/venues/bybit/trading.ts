import { fail, type Instrument, RingmasterError, type Timer, type WallMs } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { AccountSnapshot, CommandOutcome, FeeRates, OrderChange, OrderEvidence, OrderRequest, PositionMode, Protection, TradingHandler, TradingPort, VenueLeverage } from '../trading-port.ts'
import { BybitAccount } from './account.ts'
import { CommandPath, GROUPS } from './command-path.ts'
import { findEvidence } from './evidence.ts'
import { BybitOrders } from './orders.ts'
import { PrivateStream } from './private-stream.ts'
import type { BybitQueries } from './queries.ts'
import type { BybitReference } from './reference.ts'
import type { BybitRest } from './rest.ts'
import type { BybitCredentials, BybitSettings, BybitUrls } from './settings.ts'
import { takeSnapshot } from './snapshot.ts'
import { TradeSocket } from './trade-socket.ts'
import type { VenueTime } from '../common/venue-time.ts'

export interface BybitTradingParts {
  readonly services: VenueServices
  readonly urls: BybitUrls
  readonly credentials: BybitCredentials
  readonly settings: BybitSettings
  readonly time: VenueTime
  readonly rest: BybitRest
  readonly queries: BybitQueries
  readonly reference: BybitReference
}

type Done = (outcome: CommandOutcome) => void

/** The account: private stream, order entry, queries. The clock is measured before the first login and kept measured. */
export class BybitTrading implements TradingPort {
  readonly batchMax: number
  readonly #parts: BybitTradingParts
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #quoteCoin: string
  readonly #stream: PrivateStream
  readonly #socket: TradeSocket | null
  readonly #orders: BybitOrders
  readonly #account: BybitAccount
  #clockTimer: Timer | null = null
  #patience: Timer | null = null
  #running = false

  /** @throws RM_VENUE_SETTING when the instruments do not share one quote coin: there is one wallet. */
  constructor(parts: BybitTradingParts, instruments: readonly Instrument[]) {
    const { services, urls, credentials, settings, time, rest } = parts
    this.#parts = parts
    this.#instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]))
    const coins = new Set(instruments.map((instrument) => instrument.quoteCoin))
    if (coins.size !== 1) fail('RM_VENUE_SETTING', { name: 'quote coin of the traded instruments', actual: [...coins].join(',') || 'none', expected: 'one' })
    this.#quoteCoin = [...coins][0]!
    this.#stream = new PrivateStream(services, urls.private, credentials, settings, time, this.#instruments, this.#quoteCoin)
    this.#socket = urls.trade === null ? null : new TradeSocket(services, urls.trade, credentials, settings, time, (op, header, exceeded) => rest.learnLimits(GROUPS[op], header, exceeded))
    this.#orders = new BybitOrders(services, settings, rest, new CommandPath(services, settings, rest, this.#socket), this.#instruments)
    this.#account = new BybitAccount({ services, settings, rest, queries: parts.queries, stream: this.#stream, instruments: this.#instruments, quoteCoin: this.#quoteCoin })
    this.batchMax = this.#orders.batchMax
    this.#stream.resyncClock = () => this.#measure(() => {})
    if (this.#socket !== null) this.#socket.resyncClock = () => this.#measure(() => {})
    for (const link of [this.#stream, this.#socket]) if (link !== null) link.sessionChanged = () => rest.gate.session.advance()
  }

  start(handler: TradingHandler): void {
    if (this.#running) return
    this.#running = true
    this.#clockTimer = this.#parts.services.timers.every(this.#parts.settings.clockSyncMs, () => this.#measure(() => {}))
    // A login needs the venue's time. Where it cannot be measured soon ours is tried: a refusal measures again.
    const connect = (): void => {
      this.#patience?.cancel()
      this.#patience = null
      if (!this.#running) return
      this.#stream.start(handler)
      this.#socket?.start()
    }
    this.#patience = this.#parts.services.timers.after(this.#parts.settings.ackMs, connect)
    this.#measure(() => {
      if (this.#patience !== null) connect()
    })
  }

  place(request: OrderRequest, done: Done): void {
    this.#orders.place(request, done)
  }

  amend(symbol: string, clientId: string, change: OrderChange, done: Done): void {
    this.#orders.amend(symbol, clientId, change, done)
  }

  cancel(symbol: string, clientId: string, done: Done): void {
    this.#orders.cancel(symbol, clientId, done)
  }

  cancelAll(symbol: string, done: Done): void {
    this.#orders.cancelAll(symbol, done)
  }

  placeBatch(requests: readonly OrderRequest[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    this.#orders.placeBatch(requests, done)
  }

  cancelBatch(symbol: string, clientIds: readonly string[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    this.#orders.cancelBatch(symbol, clientIds, done)
  }

  setLeverage(symbol: string, leverage: string, done: Done): void {
    this.#account.setLeverage(symbol, leverage, done)
  }

  positionMode(symbol: string, done: (error: unknown, mode: PositionMode | null) => void): void {
    this.#account.positionMode(symbol, done)
  }

  setPositionMode(mode: PositionMode, done: Done): void {
    this.#account.setPositionMode(mode, done)
  }

  leverage(symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void {
    this.#account.leverage(symbol, done)
  }

  fees(symbol: string, done: (error: unknown, fees: FeeRates | null) => void): void {
    this.#account.fees(symbol, done)
  }

  armDeadMan(timeoutMs: number, done: Done): void {
    this.#account.armDeadMan(timeoutMs, done)
  }

  setProtection(symbol: string, protection: Protection, done: Done): void {
    this.#account.setProtection(symbol, protection, done)
  }

  evidence(symbol: string, clientId: string, done: (evidence: OrderEvidence) => void): void {
    const { services, queries, settings } = this.#parts
    const instrument = this.#instruments.get(symbol)
    if (instrument === undefined) services.timers.after(0, () => done({ kind: 'no-answer', reason: `symbol ${symbol} is not traded here` }))
    else findEvidence(services, queries, settings, instrument, clientId, done)
  }

  snapshot(symbols: readonly string[], fillsSinceMs: WallMs, done: (error: unknown, snapshot: AccountSnapshot | null) => void): void {
    const { services, queries, settings, time } = this.#parts
    const instruments: Instrument[] = []
    for (const symbol of symbols) {
      const instrument = this.#instruments.get(symbol)
      if (instrument === undefined) {
        services.timers.after(0, () => done(new RingmasterError('RM_VENUE_SNAPSHOT', { what: `symbol ${symbol} is not traded here` }), null))
        return
      }
      instruments.push(instrument)
    }
    takeSnapshot(queries, settings, instruments, this.#quoteCoin, time.nowMs(), fillsSinceMs, done)
  }

  stop(): void {
    this.#running = false
    this.#clockTimer?.cancel()
    this.#patience?.cancel()
    this.#patience = null
    this.#stream.stop()
    this.#socket?.stop()
  }

  #measure(done: () => void): void {
    this.#parts.reference.clock((error) => {
      if (error !== null) this.#parts.services.count('bybit_clock_unmeasured')
      done()
    })
  }
}
