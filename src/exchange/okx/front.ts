import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import { Control } from '../front/control.ts'
import { field, parseObject } from '../front/json.ts'
import { MarkHistory } from '../front/mark-history.ts'
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
import { OkxFaults } from './faults.ts'
import { Listings } from './listing.ts'
import { MarketRows } from './market-rows.ts'
import { OrderDesk } from './order-desk.ts'
import { OrderNotes } from './order-notes.ts'
import { PositionSums } from './position-sums.ts'
import { PrivateHub } from './private-hub.ts'
import { PrivateSession, type PrivateSessionParts } from './private-session.ts'
import { PublicHub } from './public-hub.ts'
import { PublicSession } from './public-session.ts'
import { RateLimits } from './rate-limits.ts'
import { Rest } from './rest.ts'
import { RestAccount } from './rest-account.ts'
import { RestAlgos } from './rest-algos.ts'
import { RestMarket } from './rest-market.ts'
import { RestSizes } from './rest-sizes.ts'
import { Rows } from './rows.ts'
import type { Session } from './session.ts'
import { okxLimits, type OkxKey, type OkxLimits } from './settings.ts'
import { KeyRing } from './signature.ts'
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
  readonly faults: OkxFaults
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
    const venueMs = (): WallMs => clock.wallMs() + faults.clockSkewMs
    const status = new StatusBoard(wallMs)
    const faults = new OkxFaults(timers, status, wallMs)
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
    const keys = new KeyRing(parts.keys)
    const common = { keys, exchange, clock, timers, random, latency, counters, faults, limits, listings, notes, algos, algoRows, nowMs: wallMs, wallMs, venueMs, onDefect }
    const rates = new RateLimits(limits.rates)
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
    this.#control = new Control(faults, counters)
    this.#sessionParts = { ...common, hub: this.#privateHub, rows, gate, rates, forget: (session) => void this.#sessions.delete(session) }
    this.#rest = new Rest({
      ...common, rates, desk, gate, hub: this.#privateHub, deadMan: this.#deadMan,
      market: new RestMarket({ exchange, listings, rows: marketRows, marks, status }),
      algos: new RestAlgos(common),
      sizes: new RestSizes(common),
      account: new RestAccount({ exchange, listings, rows, desk, limits, nowMs: wallMs }),
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
    })
    faults.attachNotices({
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
    if (request.method !== 'POST' || request.path !== '/control/announce-upgrade') return this.#control.handle(request)
    if (request.headers['origin'] !== undefined || request.headers['sec-fetch-site'] !== undefined) return said(403, { error: 'not for browsers' })
    const parsed = parseObject(request.body.trim() === '' ? '{}' : request.body)
    const closeAfterMs = parsed.ok ? (field(parsed.value, 'closeAfterMs') ?? 60_000) : Number.NaN
    if (typeof closeAfterMs !== 'number' || !(closeAfterMs >= 0 && closeAfterMs <= 3_600_000)) return said(400, { error: 'closeAfterMs must be a number from 0 to 3600000' })
    return said(200, { ok: true, heard: this.faults.announceUpgrade(closeAfterMs) })
  }

  /** Whether there is a stream at this path (query string allowed). */
  hasPath(path: string): boolean {
    return PATHS.has(path.split('?', 1)[0]!)
  }

  /** Whether the address may open one more connection now. */
  admits(ip: string): boolean {
    return this.#gate.admit(ip, this.#nowMs())
  }

  /** A new connection. Unknown paths and a venue in maintenance are closed at once. */
  connect(path: string, peer: FrontPeer): FrontSession {
    const name = path.split('?', 1)[0]!
    const id = (this.#random.nextInt32() >>> 0).toString(16).padStart(8, '0') + (++this.#connections).toString(36)
    const parts = this.#sessionParts
    this.counters.connections++
    const session: Session = name === '/ws/v5/private' ? new PrivateSession(id, peer, parts) : new PublicSession(name === '/ws/v5/business' ? 'business' : 'public', id, peer, this.#publicHub, parts)
    this.counters.connectionsOpen++
    this.#sessions.add(session)
    if (!this.hasPath(path)) session.hangUp(1008, 'unknown path')
    else if (this.faults.maintenance) session.hangUp(1013, 'maintenance')
    return session
  }

  /** Closes every connection and stops every timer. */
  close(): void {
    for (const session of [...this.#sessions]) session.hangUp(1001, 'going away')
    this.#publicHub.close()
    this.#privateHub.close()
    this.#deadMan.close()
    this.#sums.close()
    this.#realised.close()
    this.#marks.close()
    this.listings.close()
    this.faults.close()
  }
}

const said = (status: number, body: object): FrontResponse => ({ status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) })
