import { errorLabel, errorLine, fail, type Instrument, RingmasterError, type Timer, type WallMs } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { AccountSnapshot, CommandOutcome, OrderEvidence, OrderRequest, TradingHandler, TradingPort } from '../trading-port.ts'
import type { OkxContracts } from './contracts.ts'
import { findEvidence } from './evidence.ts'
import { OkxOrders } from './orders.ts'
import { PrivateSocket } from './private-socket.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxReference } from './reference.ts'
import type { OkxRest } from './rest.ts'
import type { OkxCredentials, OkxSettings, OkxUrls } from './settings.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { checkAccount, takeSnapshot } from './snapshot.ts'

export interface OkxTradingParts {
  readonly services: VenueServices
  readonly urls: OkxUrls
  readonly credentials: OkxCredentials
  readonly settings: OkxSettings
  readonly time: VenueTime
  readonly rest: OkxRest
  readonly queries: OkxQueries
  readonly reference: OkxReference
  readonly contracts: OkxContracts
}

/**
 * The account: private stream, order entry, queries. Before the first connection the clock is measured, the contracts
 * are read and the account's mode is checked; an account in hedge mode stays down, with the reason told.
 */
export class OkxTrading implements TradingPort {
  readonly #parts: OkxTradingParts
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #quoteCoin: string
  readonly #socket: PrivateSocket
  readonly #orders: OkxOrders
  #clockTimer: Timer | null = null
  #retry: Timer | null = null
  /** Counts the lives between `start` and `stop`: what an older one asked for is not answered to the next. */
  #life = 0
  #running = false

  /** @throws RM_VENUE_SETTING when the instruments do not share one quote coin: there is one wallet. */
  constructor(parts: OkxTradingParts, instruments: readonly Instrument[]) {
    const { services, urls, credentials, settings, time, rest, queries, contracts } = parts
    this.#parts = parts
    this.#instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]))
    const coins = new Set(instruments.map((instrument) => instrument.quoteCoin))
    if (coins.size !== 1) fail('RM_VENUE_SETTING', { name: 'quote coin of the traded instruments', actual: [...coins].join(',') || 'none', expected: 'one' })
    this.#quoteCoin = [...coins][0]!
    const symbols = new Set(this.#instruments.keys())
    this.#socket = new PrivateSocket({
      services, url: urls.private, credentials, settings, time, contracts, symbols, quoteCoin: this.#quoteCoin,
      limited: (group) => rest.pause(group),
      resyncClock: () => this.#measure(() => {}),
    })
    this.#orders = new OkxOrders(services, settings, rest, queries, this.#socket, contracts, symbols)
  }

  start(handler: TradingHandler): void {
    if (this.#running) return
    this.#running = true
    const life = ++this.#life
    const { services: { timers }, settings } = this.#parts
    this.#clockTimer = timers.every(settings.clockSyncMs, () => this.#measure(() => {}))
    // A login needs the venue's time. Where it cannot be measured soon ours is tried: a refusal measures again.
    let going = false
    const go = (): void => {
      if (going || life !== this.#life) return
      going = true
      this.#prepare(handler, life)
    }
    this.#retry = timers.after(settings.ackMs, go)
    this.#measure(go)
  }

  place(request: OrderRequest, done: (outcome: CommandOutcome) => void): void {
    this.#orders.place(request, done)
  }

  cancel(symbol: string, clientId: string, done: (outcome: CommandOutcome) => void): void {
    this.#orders.cancel(symbol, clientId, done)
  }

  cancelAll(symbol: string, done: (outcome: CommandOutcome) => void): void {
    this.#orders.cancelAll(symbol, done)
  }

  setLeverage(symbol: string, leverage: string, done: (outcome: CommandOutcome) => void): void {
    this.#orders.setLeverage(symbol, leverage, done)
  }

  evidence(symbol: string, clientId: string, done: (evidence: OrderEvidence) => void): void {
    const { services, queries, settings, time, contracts } = this.#parts
    const instrument = this.#instruments.get(symbol)
    if (instrument === undefined) {
      services.timers.after(0, () => done({ kind: 'no-answer', reason: `symbol ${symbol} is not traded here` }))
      return
    }
    contracts.load([instrument], (error) => {
      if (error === null) findEvidence(services, queries, settings, time, contracts.of(symbol)!, clientId, done)
      else done({ kind: 'no-answer', reason: errorLine(error) })
    })
  }

  snapshot(symbols: readonly string[], fillsSinceMs: WallMs, done: (error: unknown, snapshot: AccountSnapshot | null) => void): void {
    const { services, queries, settings, time, contracts } = this.#parts
    const instruments: Instrument[] = []
    for (const symbol of symbols) {
      const instrument = this.#instruments.get(symbol)
      if (instrument === undefined) {
        services.timers.after(0, () => done(new RingmasterError('RM_VENUE_SNAPSHOT', { what: `symbol ${symbol} is not traded here` }), null))
        return
      }
      instruments.push(instrument)
    }
    contracts.load(instruments, (error) => {
      if (error !== null) done(error, null)
      else takeSnapshot(queries, settings, instruments.map(({ symbol }) => contracts.of(symbol)!), this.#quoteCoin, time.nowMs(), fillsSinceMs, done)
    })
  }

  stop(): void {
    this.#running = false
    this.#life++
    this.#clockTimer?.cancel()
    this.#retry?.cancel()
    this.#socket.stop()
  }

  /** Contracts, then the account's mode, then the connection; what is missing is asked for again. */
  #prepare(handler: TradingHandler, life: number): void {
    const { services: { timers, count }, settings, queries, contracts } = this.#parts
    this.#retry?.cancel()
    const again = (error: unknown): void => {
      count('okx_account_not_ready', errorLabel(error))
      handler.onLink('down', errorLine(error))
      if (life === this.#life) this.#retry = timers.after(settings.retryMs, () => this.#prepare(handler, life))
    }
    contracts.load([...this.#instruments.values()], (error) => {
      if (life !== this.#life) return
      if (error !== null) {
        again(error)
        return
      }
      checkAccount(queries, (refused) => {
        if (life !== this.#life) return
        if (refused === null) this.#socket.start(handler)
        else again(refused)
      })
    })
  }

  #measure(done: () => void): void {
    this.#parts.reference.clock((error) => {
      if (error !== null) this.#parts.services.count('okx_clock_unmeasured')
      done()
    })
  }
}
