import { errorLabel, errorLine, fail, type Instrument, RingmasterError, type Timer, type WallMs } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { AccountSnapshot, CommandOutcome, FeeRates, OrderChange, OrderEvidence, OrderRequest, PositionMode, Protection, TradingHandler, TradingPort, VenueLeverage } from '../trading-port.ts'
import type { Json } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { OkxAccount } from './account.ts'
import { AlgoIds } from './algo-ids.ts'
import { AlgoOrders } from './algo-orders.ts'
import { AlgoStream } from './algo-stream.ts'
import { type OkxContracts, symbolOf } from './contracts.ts'
import { findEvidence } from './evidence.ts'
import { askFunding } from './funding.ts'
import { EVIDENCE, REDUCE } from '../resilience/urgency.ts'
import type { OkxLimits } from './limits.ts'
import { OrderChannel } from './order-channel.ts'
import { OkxOrders } from './orders.ts'
import { PrivateSocket } from './private-socket.ts'
import { setProtection } from './protection.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxReference } from './reference.ts'
import type { OkxRest } from './rest.ts'
import type { OkxCredentials, OkxSettings, OkxUrls } from './settings.ts'
import { checkAccount, takeSnapshot } from './snapshot.ts'

export interface OkxTradingParts {
  readonly services: VenueServices
  readonly urls: OkxUrls
  readonly credentials: OkxCredentials
  readonly settings: OkxSettings
  readonly time: VenueTime
  readonly rest: OkxRest
  readonly limits: OkxLimits
  readonly queries: OkxQueries
  readonly reference: OkxReference
  readonly contracts: OkxContracts
}

/**
 * The account: private stream, order entry, queries. Before the first connection the clock is measured, the contracts
 * are read (one that does not trade any more is set aside) and the account's mode is checked; an account in another position mode than the settings say stays down, with
 * the reason told.
 */
export class OkxTrading implements TradingPort {
  readonly #parts: OkxTradingParts
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #quoteCoin: string
  readonly #socket: PrivateSocket
  readonly #orders: OkxOrders
  readonly #account: OkxAccount
  readonly #ids = new AlgoIds()
  readonly #algos: AlgoOrders
  readonly #algoStream: AlgoStream
  readonly batchMax: number
  #handler: TradingHandler | null = null
  #clockTimer: Timer | null = null
  #retry: Timer | null = null
  /** Counts the lives between `start` and `stop`: what an older one asked for is not answered to the next. */
  #life = 0
  #running = false

  /** @throws RM_VENUE_SETTING when the instruments do not share one quote coin: there is one wallet. */
  constructor(parts: OkxTradingParts, instruments: readonly Instrument[]) {
    const { services, urls, credentials, settings, time, rest, limits, queries, contracts } = parts
    this.#parts = parts
    this.#instruments = new Map(instruments.map((instrument) => [instrument.symbol, instrument]))
    const coins = new Set(instruments.map((instrument) => instrument.quoteCoin))
    if (coins.size !== 1) fail('RM_VENUE_SETTING', { name: 'quote coin of the traded instruments', actual: [...coins].join(',') || 'none', expected: 'one' })
    this.#quoteCoin = [...coins][0]!
    const symbols = new Set(this.#instruments.keys())
    const ids = this.#ids
    this.#algos = new AlgoOrders(services, settings, rest, queries, ids)
    this.#algoStream = new AlgoStream({
      services, url: urls.business, credentials, settings, time,
      read: (row) => this.#readAlgo(row),
      onSubscribed: () => this.#recheckAlgos(),
    })
    this.#algos.needed = () => {
      if (this.#running) this.#algoStream.start()
    }
    this.#socket = new PrivateSocket({
      services, url: urls.private, credentials, settings, time, contracts, symbols, quoteCoin: this.#quoteCoin, ids, limits,
      funded: (timeMs) => this.#funded(timeMs),
      sessionChanged: () => limits.gate.session.advance(),
      resyncClock: () => this.#measure(() => {}),
    })
    const channel = new OrderChannel(services, settings, rest, limits, this.#socket)
    this.#orders = new OkxOrders({ services, settings, rest, queries, channel, algos: this.#algos, ids, contracts, symbols })
    this.batchMax = this.#orders.batchMax
    this.#account = new OkxAccount(services, settings, rest, queries, contracts)
  }

  start(handler: TradingHandler): void {
    if (this.#running) return
    this.#running = true
    this.#handler = handler
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

  amend(symbol: string, clientId: string, change: OrderChange, done: (outcome: CommandOutcome) => void): void {
    this.#orders.amend(symbol, clientId, change, done)
  }

  placeBatch(requests: readonly OrderRequest[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    this.#orders.placeBatch(requests, done)
  }

  cancelBatch(symbol: string, clientIds: readonly string[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    this.#orders.cancelBatch(symbol, clientIds, done)
  }

  cancelAll(symbol: string, done: (outcome: CommandOutcome) => void): void {
    this.#orders.cancelAll(symbol, done)
  }

  setLeverage(symbol: string, leverage: string, done: (outcome: CommandOutcome) => void): void {
    this.#account.setLeverage(symbol, leverage, done)
  }

  /** Of the account: the venue has one for all symbols. */
  positionMode(_symbol: string, done: (error: unknown, mode: PositionMode | null) => void): void {
    this.#account.positionMode(done)
  }

  setPositionMode(mode: PositionMode, done: (outcome: CommandOutcome) => void): void {
    this.#account.setPositionMode(mode, done)
  }

  leverage(symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void {
    const { services, contracts } = this.#parts
    const instrument = this.#instruments.get(symbol)
    // Asked before every first entry: what does not trade, or not on this grid, is said here.
    if (instrument === undefined) services.timers.after(0, () => done(new RingmasterError('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: this.#instruments.size }), null))
    else if (contracts.of(symbol) !== undefined) this.#account.leverage(symbol, done)
    else contracts.load([instrument], (error) => (error === null ? this.#account.leverage(symbol, done) : done(error, null)))
  }

  fees(symbol: string, done: (error: unknown, fees: FeeRates | null) => void): void {
    this.#contractOf(symbol, (error) => {
      if (error === null) this.#account.fees(symbol, done)
      else done(error, null)
    })
  }

  armDeadMan(timeoutMs: number, done: (outcome: CommandOutcome) => void): void {
    this.#account.armDeadMan(timeoutMs, done)
  }

  setProtection(symbol: string, protection: Protection, done: (outcome: CommandOutcome) => void): void {
    const { services, settings, rest, queries, contracts } = this.#parts
    const deadlineNs = services.clock.nowNs() + settings.commandMs * 1e6
    this.#contractOf(symbol, (error) => {
      if (error === null) setProtection({ services, settings, rest, queries: queries.as(REDUCE), algos: this.#algos }, contracts.forAccount(symbol)!, protection, deadlineNs, done)
      else done({ kind: 'unsent', reason: errorLine(error) })
    })
  }

  evidence(symbol: string, clientId: string, done: (evidence: OrderEvidence) => void): void {
    const { services, queries, settings, time, contracts } = this.#parts
    this.#contractOf(symbol, (error) => {
      if (error === null) findEvidence({ services, queries: queries.as(EVIDENCE), settings, time, algos: this.#algos, ids: this.#ids }, contracts.forAccount(symbol)!, clientId, done)
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
    contracts.loadForAccount(instruments, (instrument, error) => this.#noteAside(instrument, error), (error) => {
      if (error !== null) return done(error, null)
      const setAside = symbols.filter((symbol) => contracts.forAccount(symbol) === undefined)
      takeSnapshot({ queries, settings, algos: this.#algos, ids: this.#ids }, symbols.flatMap((symbol) => contracts.forAccount(symbol) ?? []), this.#quoteCoin, time.nowMs(), fillsSinceMs, (failed, snapshot) => {
        done(failed, snapshot === null || setAside.length === 0 ? snapshot : { ...snapshot, setAside })
      })
    })
  }

  stop(): void {
    this.#running = false
    this.#life++
    this.#clockTimer?.cancel()
    this.#retry?.cancel()
    this.#handler = null
    this.#socket.stop()
    this.#algoStream.stop()
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
    contracts.loadForAccount([...this.#instruments.values()], (instrument, error) => this.#noteAside(instrument, error), (error) => {
      if (life !== this.#life) return
      if (error !== null) {
        again(error)
        return
      }
      checkAccount(queries, settings.positionMode, (refused) => {
        if (life !== this.#life) return
        if (refused === null) this.#socket.start(handler)
        else again(refused)
      })
    })
  }

  /** Runs `go` once the contract of a traded symbol is known, never inside the call. */
  #contractOf(symbol: string, go: (error: unknown) => void): void {
    const { services: { timers }, contracts } = this.#parts
    const instrument = this.#instruments.get(symbol)
    if (instrument === undefined) timers.after(0, () => go(new RingmasterError('RM_VENUE_SNAPSHOT', { what: `symbol ${symbol} is not traded here` })))
    else if (contracts.forAccount(symbol) !== undefined) timers.after(0, () => go(null))
    else {
      let aside: unknown = null
      contracts.loadForAccount([instrument], (_instrument, error) => void (aside = error), (error) => go(error ?? (contracts.forAccount(symbol) === undefined ? aside : null)))
    }
  }

  /** The others go on; that it takes no entries is said by whoever asks for its leverage. */
  #noteAside({ symbol }: Instrument, error: unknown): void {
    this.#parts.services.count('okx_symbol_aside', `${symbol} ${errorLabel(error)}`)
  }

  #readAlgo(row: Json): (() => void) | null {
    const symbol = symbolOf(String(row['instId']))
    const contract = symbol === null || !this.#instruments.has(symbol) ? undefined : this.#parts.contracts.forAccount(symbol)
    if (contract === undefined) return null
    const { order, phase } = this.#algos.take(row, contract)
    // What it turned into is told as an order of its own.
    return phase === 'triggered' ? null : () => this.#handler?.onOrder(order)
  }

  /** What happened to waiting orders while nobody listened: each is asked for by its client id. */
  #recheckAlgos(): void {
    const { services: { count }, contracts } = this.#parts
    for (const { clientId, instId } of this.#ids.waiting()) {
      const contract = contracts.forAccount(symbolOf(instId) ?? '')
      if (contract === undefined) continue
      this.#algos.lookUp(contract, clientId, this.#parts.queries, (error, row) => {
        if (error !== null) count('okx_algo_recheck_failed', errorLabel(error))
        else if (row !== null && row.phase !== 'triggered') this.#handler?.onOrder(row.order)
      })
    }
  }

  #funded(timeMs: WallMs): void {
    const { services, settings, queries, contracts } = this.#parts
    const traded = [...this.#instruments.keys()].flatMap((symbol) => contracts.forAccount(symbol) ?? [])
    askFunding(services, settings, queries, traded, timeMs, (fill) => this.#handler?.onFill(fill))
  }

  #measure(done: () => void): void {
    this.#parts.reference.clock((error) => {
      if (error !== null) this.#parts.services.count('okx_clock_unmeasured')
      done()
    })
  }
}
