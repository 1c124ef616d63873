import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import type { ExchangePort } from '../port.ts'
import { Control } from '../front/control.ts'
import { FaultPlan, type ConnectionKind } from '../front/faults.ts'
import { MarkHistory } from '../front/mark-history.ts'
import type { FaultNames, FaultStep, SeededFaults } from '../front/seeded-faults.ts'
import { FaultyKeyRing, FaultyRates } from './faulty-gates.ts'
import { DisconnectProtection } from './disconnect-protection.ts'
import { OrderDesk } from './order-desk.ts'
import { PrivateHub } from './private-hub.ts'
import { PrivateSession } from './private-session.ts'
import { PublicHub } from './public-hub.ts'
import { PublicSession } from './public-session.ts'
import { Realised } from '../front/realised.ts'
import { Rest } from './rest.ts'
import type { FrontRequest, FrontResponse } from '../front/wire.ts'
import { RestAccount } from './rest-account.ts'
import { RestMarket } from './rest-market.ts'
import { Rows } from './rows.ts'
import type { Session, SessionParts } from './session.ts'
import type { FrontPeer, FrontSession } from '../front/wire.ts'
import { venueLimits, type ApiKey, type FrontLimits } from './settings.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import { TradeSession } from './trade-session.ts'

export interface BybitFrontParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly keys: readonly ApiKey[]
  readonly latency: FrontLatency
  readonly counters: FrontCounters
  /** The venue's own limits where not given. */
  readonly limits?: Partial<FrontLimits>
  /** Draws the order of private messages of different topics; otherwise they come as things happened. */
  readonly shuffleTopics?: boolean
  /** Hears of defects of ours that a request ran into; the front goes on. */
  readonly onDefect?: (error: unknown) => void
}

/**
 * The Bybit V5 protocol in front of an exchange, without any transport: the same code answers over real sockets and
 * inside one thread under virtual time. Given the same seed, inputs and times it says the same bytes.
 */
export class BybitFront {
  readonly faults: FaultPlan
  readonly counters: FrontCounters
  readonly #random: Random
  readonly #limits: FrontLimits
  readonly #sessions = new Set<Session>()
  readonly #sessionParts: SessionParts
  readonly #publicHub: PublicHub
  readonly #privateHub: PrivateHub
  readonly #marks: MarkHistory
  readonly #protection: DisconnectProtection
  readonly #realised: Realised
  readonly #keys: FaultyKeyRing
  readonly #desk: OrderDesk
  readonly #rates: FaultyRates
  readonly #rest: Rest
  readonly #control: Control
  readonly #contracts: ExchangePort['contracts']
  #connections = 0

  constructor(parts: BybitFrontParts) {
    const { exchange, clock, timers, random, latency, counters } = parts
    const nowMs = (): WallMs => clock.wallMs()
    const faults = new FaultPlan({ clock, timers, exchange, accounts: parts.keys.map((key) => key.account) })
    const venueMs = (): WallMs => clock.wallMs() + faults.clockSkewMs
    const onDefect = parts.onDefect ?? (() => {})
    const limits = { ...venueLimits, ...parts.limits }
    this.#realised = new Realised(exchange, clock.wallMs())
    const rows = new Rows(exchange, this.#realised)
    // What REST queries read may lag behind; commands and streams never do.
    const replica = faults.replica.port
    const replicaRows = new Rows(replica, this.#realised)
    const common = { exchange, clock, timers, random, latency, counters, faults, limits, rows, nowMs, venueMs, onDefect }
    this.faults = faults
    this.counters = counters
    this.#contracts = exchange.contracts
    this.#random = random
    this.#limits = limits
    this.#keys = new FaultyKeyRing(parts.keys, faults)
    this.#rates = new FaultyRates(limits, faults)
    this.#publicHub = new PublicHub(common)
    this.#privateHub = new PrivateHub({ ...common, shuffleTopics: parts.shuffleTopics ?? false, messageId: () => this.#hex(8) })
    this.#protection = new DisconnectProtection(exchange, timers)
    this.#marks = new MarkHistory(exchange, nowMs)
    this.#desk = new OrderDesk(common)
    this.#control = new Control(faults, counters, timers)
    this.#sessionParts = { ...common, forget: (session) => void this.#sessions.delete(session) }
    this.#rest = new Rest({
      ...common,
      rates: this.#rates,
      keys: this.#keys,
      desk: this.#desk,
      hub: this.#privateHub,
      market: new RestMarket({ exchange: replica, rows: replicaRows, hub: this.#publicHub, marks: this.#marks, nowMs }),
      account: new RestAccount({ exchange: replica, rows: replicaRows, faults, latency, nowMs, protection: this.#protection }),
      wallMs: nowMs,
      jittered: (baseMs) => (latency.jitterMs > 0 ? baseMs + random.between(0, latency.jitterMs) : baseMs),
      traceId: () => this.#hex(4),
    })
    faults.attach({
      drop: (kind, code, reason) => {
        const victims = [...this.#sessions].filter((session) => kind === 'all' || session.kind === kind)
        for (const session of victims) session.hangUp(code, reason)
        return victims.length
      },
      wake: (topic) => this.#publicHub.wake(topic),
      resnapshot: (topic, restart) => this.#publicHub.resnapshot(topic, restart),
      // This protocol has no notice on its streams.
      notice: () => 0,
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
    return ['/v5/public/linear', '/v5/private', '/v5/trade'].includes(path.split('?', 1)[0]!)
  }

  /** The HTTP status line with which a new connection is turned away now, or null; this venue counts none by address. */
  refused(path: string, _ip: string): string | null {
    return this.faults.doorOf(kindOf(path))
  }

  /** Arms the steps of a plan of faults from now on. */
  playFaults(steps: Iterable<FaultStep>): SeededFaults {
    return this.#control.play(steps)
  }

  /** What a plan of faults calls the books of this front. @param depth levels that are subscribed. */
  faultNames(depth: number): FaultNames {
    return { books: this.#contracts.map(({ symbol }) => `orderbook.${depth}.${symbol}`), bookMark: '"topic":"orderbook.' }
  }

  /** A new connection. Unknown paths and a venue in maintenance are closed at once. */
  connect(path: string, client: FrontPeer): FrontSession {
    const [name, query] = path.split('?', 2)
    const peer = this.faults.frames.line(kindOf(path), client)
    const id = `${this.#hex(3)}-${(++this.#connections).toString(36)}`
    const idleMs = idleOf(query ?? '', this.#limits.idleMs)
    const parts = this.#sessionParts
    this.counters.connections++
    let session: Session
    if (name === '/v5/private') session = new PrivateSession(id, idleMs, peer, { ...parts, hub: this.#privateHub, keys: this.#keys, protection: this.#protection })
    else if (name === '/v5/trade') {
      session = new TradeSession(id, idleMs, peer, { ...parts, keys: this.#keys, desk: this.#desk, hub: this.#privateHub, rates: this.#rates, traceId: () => this.#hex(4) })
    } else session = new PublicSession(id, peer, this.#publicHub, parts)
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
    this.#protection.close()
    this.#publicHub.close()
    this.#privateHub.close()
    this.#marks.close()
    this.#realised.close()
  }

  #hex(words: number): string {
    let text = ''
    for (let i = 0; i < words; i++) text += (this.#random.nextInt32() >>> 0).toString(16).padStart(8, '0')
    return text
  }
}

const kindOf = (path: string): ConnectionKind => (path.startsWith('/v5/private') ? 'private' : path.startsWith('/v5/trade') ? 'trade' : 'public')

/** `max_active_time=30s…600s`. */
function idleOf(query: string, otherwiseMs: number): number {
  const match = /(?:^|&)max_active_time=(\d{1,3})s(?:&|$)/.exec(query)
  const seconds = match === null ? 0 : Number(match[1])
  return seconds >= 30 && seconds <= 600 ? seconds * 1_000 : otherwiseMs
}
