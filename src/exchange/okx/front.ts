import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import { Control } from '../front/control.ts'
import { FaultPlan, type ConnectionKind } from '../front/faults.ts'
import { MarkHistory } from '../front/mark-history.ts'
import type { FaultNames, FaultStep, SeededFaults } from '../front/seeded-faults.ts'
import { Realised } from '../front/realised.ts'
import type { FrontRequest, FrontResponse } from '../front/wire.ts'
import type { FrontPeer, FrontSession } from '../front/wire.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import type { ExchangePort } from '../port.ts'
import { AlgoBook } from './algo-book.ts'
import { AlgoDesk } from './algo-desk.ts'
import { AlgoRows } from './algo-rows.ts'
import { ConnectionGate } from './connection-gate.ts'
import { DeadMan } from './dead-man.ts'
import { FaultyKeyRing, FaultyRates } from './faulty-gates.ts'
import { Listings } from './listing.ts'
import { MarketRows } from './market-rows.ts'
import { OrderDesk } from './order-desk.ts'
import { OrderNotes } from './order-notes.ts'
import { PositionSums } from './position-sums.ts'
import { PrivateHub } from './private-hub.ts'
import { PrivateSession, type PrivateSessionParts } from './private-session.ts'
import { PublicHub } from './public-hub.ts'
import { PublicSession } from './public-session.ts'
import { Rest } from './rest.ts'
import { RestAccount } from './rest-account.ts'
import { RestAlgos } from './rest-algos.ts'
import { RestMarket } from './rest-market.ts'
import { RestSizes } from './rest-sizes.ts'
import { Rows } from './rows.ts'
import type { Session } from './session.ts'
import { okxLimits, type OkxKey, type OkxLimits } from './settings.ts'
import { StatusBoard } from './status-board.ts'
import { TradeGate } from './trade-gate.ts'

export interface OkxFrontParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly keys: readonly OkxKey[]
  /** `historyMs` is not used: this venue shows its history at once. */
  readonly latency: FrontLatency
  readonly counters: FrontCounters
  /** The venue's own limits where not given. */
  readonly limits?: Partial<OkxLimits>
  /** Hears of defects of ours that a request ran into; the front goes on. */
  readonly onDefect?: (error: unknown) => void
}

const PATHS: ReadonlySet<string> = new Set(['/ws/v5/public', '/ws/v5/private', '/ws/v5/business'])

/**
 * The OKX V5 protocol in front of an exchange, without any transport: the same code answers over real sockets and
 * inside one thread under virtual time. Given the same seed, inputs and times it says the same bytes.
 */
export class OkxFront {
  readonly faults: FaultPlan
  readonly counters: FrontCounters
  readonly listings: Listings
  readonly #random: Random
  readonly #nowMs: () => WallMs
  readonly #marks: MarkHistory
  readonly #gate: ConnectionGate
  readonly #sessions = new Set<Session>()
  readonly #sessionParts: PrivateSessionParts
  readonly #publicHub: PublicHub
  readonly #privateHub: PrivateHub
  readonly #sums: PositionSums
  readonly #realised: Realised
  readonly #deadMan: DeadMan
  readonly #rest: Rest
  readonly #control: Control
  #connections = 0

  constructor(parts: OkxFrontParts) {
    const { exchange, clock, timers, random, latency, counters } = parts
    const wallMs = (): WallMs => clock.wallMs()
    const faults = new FaultPlan({ clock, timers, exchange, accounts: parts.keys.map((key) => key.account) })
    const venueMs = (): WallMs => clock.wallMs() + faults.clockSkewMs
    const status = new StatusBoard(wallMs)
    faults.window.listen((window) => status.follow(window))
    const onDefect = parts.onDefect ?? (() => {})
    const limits = { ...okxLimits, ...parts.limits }
    const listings = new Listings(exchange.contracts)
    listings.follow(exchange)
    const notes = new OrderNotes()
    const algos = new AlgoBook(exchange)
    const algoRows = new AlgoRows(exchange, listings)
    // Those who keep sums listen before those who tell them.
    this.#sums = new PositionSums(exchange)
    this.#realised = new Realised(exchange, clock.wallMs())
    const rows = new Rows({ exchange, listings, algos, sums: this.#sums, realised: this.#realised, nowMs: wallMs })
    const marketRows = new MarketRows(exchange, wallMs)
    const marks = new MarkHistory(exchange, wallMs)
    // What REST queries read may lag behind; commands and streams never do.
    const replica = faults.replica.port
    const replicaRows = new Rows({ exchange: replica, listings, algos, sums: this.#sums, realised: this.#realised, nowMs: wallMs })
    const keys = new FaultyKeyRing(parts.keys, faults)
    const common = { keys, exchange, clock, timers, random, latency, counters, faults, limits, listings, notes, algos, algoRows, nowMs: wallMs, wallMs, venueMs, onDefect }
    const rates = new FaultyRates(limits.rates, faults)
    const desk = new OrderDesk({ ...common, accounts: parts.keys.map((key) => key.account) })
    const gate = new TradeGate({ ...common, desk, algoDesk: new AlgoDesk(common), rates })
    this.faults = faults
    this.counters = counters
    this.listings = listings
    this.#random = random
    this.#nowMs = wallMs
    this.#marks = marks
    this.#gate = new ConnectionGate(limits.connectionsPerSecond)
    this.#publicHub = new PublicHub({ ...common, rows: marketRows, marks, status })
    this.#privateHub = new PrivateHub({ ...common, rows })
    this.#deadMan = new DeadMan(common)
    this.#control = new Control(faults, counters, timers)
    this.#sessionParts = { ...common, hub: this.#privateHub, rows, gate, rates, forget: (session) => void this.#sessions.delete(session) }
    this.#rest = new Rest({
      ...common, rates, desk, gate, hub: this.#privateHub, deadMan: this.#deadMan,
      market: new RestMarket({ exchange: replica, listings, rows: new MarketRows(replica, wallMs), marks, status }),
      algos: new RestAlgos(common),
      sizes: new RestSizes(common),
      account: new RestAccount({ exchange: replica, listings, rows: replicaRows, desk, limits, nowMs: wallMs }),
      jittered: (baseMs) => (latency.jitterMs > 0 ? baseMs + random.between(0, latency.jitterMs) : baseMs),
    })
    faults.attach({
      drop: (kind, code, reason) => {
        const victims = [...this.#sessions].filter((session) => kind === 'all' || session.kind === kind)
        for (const session of victims) session.hangUp(code, reason)
        return victims.length
      },
      wake: (topic) => this.#publicHub.wake(topic),
      resnapshot: (topic, restart) => this.#publicHub.resnapshot(topic, restart),
      notice: () => {
        for (const session of this.#sessions) session.notice()
        return this.#sessions.size
      },
    })
  }

  /** One REST request. `done` runs once, later; never when a fault loses the answer. */
  http(request: FrontRequest, done: (response: FrontResponse) => void): void {
    this.#rest.request(request, done)
  }

  /** One request of the control page (`/control/…`); the transport lets only loopback through. */
  control(request: FrontRequest): FrontResponse {
    return this.#control.handle(request)
  }

  /** Whether there is a stream at this path (query string allowed). */
  hasPath(path: string): boolean {
    return PATHS.has(path.split('?', 1)[0]!)
  }

  /** The HTTP status line with which a new connection of this address is turned away now, or null. */
  refused(path: string, ip: string): string | null {
    return this.faults.doorOf(kindOf(path)) ?? (this.#gate.admit(ip, this.#nowMs()) ? null : '429 Too Many Requests')
  }

  /** Arms the steps of a plan of faults from now on. */
  playFaults(steps: Iterable<FaultStep>): SeededFaults {
    return this.#control.play(steps)
  }

  /** What a plan of faults calls the books of this front; `books` has its 400 levels whatever is asked for. */
  faultNames(_depth: number): FaultNames {
    return { books: this.listings.all.map((listing) => `books:${listing.instId}`), bookMark: '"data":[{"asks":[' }
  }

  /** A new connection. Unknown paths and a venue in maintenance are closed at once. */
  connect(path: string, client: FrontPeer): FrontSession {
    const peer = this.faults.frames.line(kindOf(path), client)
    const name = path.split('?', 1)[0]!
    const id = (this.#random.nextInt32() >>> 0).toString(16).padStart(8, '0') + (++this.#connections).toString(36)
    const parts = this.#sessionParts
    this.counters.connections++
    const session: Session = name === '/ws/v5/private' ? new PrivateSession(id, peer, parts) : new PublicSession(name === '/ws/v5/business' ? 'business' : 'public', id, peer, this.#publicHub, parts)
    this.counters.connectionsOpen++
    this.#sessions.add(session)
    if (!this.hasPath(path)) session.hangUp(1008, 'unknown path')
    else if (this.faults.doorOf(kindOf(path)) !== null) session.hangUp(1013, this.faults.maintenance ? 'maintenance' : 'refused')
    return peer.join(session)
  }

  /** Closes every connection and stops every timer. */
  close(): void {
    for (const session of [...this.#sessions]) session.hangUp(1001, 'going away')
    this.#control.close()
    this.faults.close()
    this.#publicHub.close()
    this.#privateHub.close()
    this.#deadMan.close()
    this.#sums.close()
    this.#realised.close()
    this.#marks.close()
    this.listings.close()
  }
}

const kindOf = (path: string): ConnectionKind => (path.startsWith('/ws/v5/private') ? 'private' : 'public')
