import { BUY, SELL, type Clock, type Timer, type Timers, type WallMs } from '../../core/index.ts'
import type { TopicStream } from '../front/topic.ts'
import type { ExchangePort } from '../port.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing } from './listing.ts'

export interface BookKind {
  readonly depth: number
  readonly periodMs: number
  /** Whether it sends differences behind a first snapshot; else the whole of it each time. */
  readonly incremental: boolean
}

/** Book channels; those with `tbt` and levels are for higher fee tiers. */
export const bookKinds: Readonly<Record<string, BookKind>> = {
  books: { depth: 400, periodMs: 100, incremental: true },
  books5: { depth: 5, periodMs: 100, incremental: false },
  'books50-l2-tbt': { depth: 50, periodMs: 10, incremental: true },
  'books-l2-tbt': { depth: 400, periodMs: 10, incremental: true },
  'bbo-tbt': { depth: 1, periodMs: 10, incremental: false },
}

/** Silence after which an incremental channel says that nothing changed, ms. */
const HEARTBEAT_MS = 60_000

interface Ladder {
  ticks: Float64Array
  lots: Float64Array
  count: number
}

const ladder = (depth: number): Ladder => ({ ticks: new Float64Array(depth), lots: new Float64Array(depth), count: 0 })

export interface BookStreamParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly faults: OkxFaults
  readonly nowMs: () => WallMs
  /** Hands a finished frame to the subscribers. */
  readonly publish: (frame: string) => void
}

/**
 * A book channel: keeps the levels as the subscribers know them, compares with the market on a fixed grid of the push
 * period, and says the difference (or the whole). `seqId` follows the exchange's own sequence and jumps; each update names the one
 * before it. No timer but the heartbeat runs while the book stands still.
 */
export class BookStream implements TopicStream {
  readonly topic: string
  readonly #listing: Listing
  readonly #kind: BookKind
  readonly #parts: BookStreamParts
  readonly #head: string
  readonly #periodNs: number
  readonly #phaseNs: number
  #bids: Ladder
  #asks: Ladder
  #nextBids: Ladder
  #nextAsks: Ladder
  #offset: number
  #seqId = 0
  #active = false
  #whole = false
  #timer: Timer | null = null
  #heartbeat: Timer | null = null
  #pushedNs = 0

  /** @param channel name of `bookKinds`. @param phase where on the grid it pushes, in [0, 1). */
  constructor(listing: Listing, channel: string, seqOffset: number, phase: number, parts: BookStreamParts) {
    this.topic = `${channel}:${listing.instId}`
    this.#listing = listing
    this.#kind = bookKinds[channel]!
    this.#parts = parts
    this.#head = `{"arg":{"channel":"${channel}","instId":"${listing.instId}"}`
    this.#periodNs = this.#kind.periodMs * 1e6
    this.#phaseNs = Math.floor(phase * this.#periodNs)
    this.#offset = seqOffset
    this.#bids = ladder(this.#kind.depth)
    this.#asks = ladder(this.#kind.depth)
    this.#nextBids = ladder(this.#kind.depth)
    this.#nextAsks = ladder(this.#kind.depth)
  }

  start(): void {
    this.#active = true
    this.#read()
    this.#swap()
    this.#seqId = this.#nextSeqId()
    this.#pushedNs = this.#parts.clock.nowNs()
    if (this.#kind.incremental) this.#armHeartbeat(HEARTBEAT_MS)
  }

  stop(): void {
    this.#active = false
    this.#whole = false
    this.#timer?.cancel()
    this.#heartbeat?.cancel()
    this.#timer = null
    this.#heartbeat = null
  }

  greet(): string {
    return this.#kind.incremental ? this.#snapshot() : this.#image()
  }

  /** The market moved: the difference goes out at the next point of the grid. */
  changed(): void {
    if (this.#active) this.#arm()
  }

  /** The next push is a whole snapshot; with `restart` it is an update whose numbers begin anew, as after maintenance. */
  renew(restart: boolean): void {
    if (!this.#active) return
    if (restart) this.#offset = 1 - this.#parts.exchange.sequence(this.#listing.symbol)
    this.#whole = !restart
    this.#arm()
  }

  wake(): void {
    if (this.#active) this.#arm()
  }

  #arm(): void {
    if (this.#timer !== null) return
    const passed = (this.#parts.clock.nowNs() + this.#periodNs - this.#phaseNs) % this.#periodNs
    this.#timer = this.#parts.timers.after((this.#periodNs - passed) / 1e6, this.#push)
  }

  readonly #push = (): void => {
    this.#timer = null
    if (!this.#active || this.#parts.faults.isStalled(this.topic)) return
    this.#read()
    const previous = this.#seqId
    let frame: string
    if (this.#kind.incremental && !this.#whole) {
      const bids = this.#difference(this.#bids, this.#nextBids, -1)
      const asks = this.#difference(this.#asks, this.#nextAsks, 1)
      if (bids === '' && asks === '') return
      this.#swap()
      this.#seqId = this.#nextSeqId()
      frame = this.#update(bids, asks, previous)
    } else {
      if (!this.#whole && same(this.#bids, this.#nextBids) && same(this.#asks, this.#nextAsks)) return
      this.#swap()
      this.#seqId = this.#nextSeqId()
      this.#whole = false
      frame = this.greet()
    }
    this.#pushedNs = this.#parts.clock.nowNs()
    if (!this.#parts.faults.takeSkip(this.topic)) this.#parts.publish(frame)
  }

  #armHeartbeat(delayMs: number): void {
    this.#heartbeat = this.#parts.timers.after(delayMs, this.#beat)
  }

  readonly #beat = (): void => {
    const restMs = HEARTBEAT_MS - (this.#parts.clock.nowNs() - this.#pushedNs) / 1e6
    if (restMs > 1) return this.#armHeartbeat(restMs)
    this.#pushedNs = this.#parts.clock.nowNs()
    if (!this.#parts.faults.isStalled(this.topic)) this.#parts.publish(this.#update('', '', this.#seqId))
    this.#armHeartbeat(HEARTBEAT_MS)
  }

  #nextSeqId(): number {
    return this.#offset + this.#parts.exchange.sequence(this.#listing.symbol)
  }

  #read(): void {
    const { exchange } = this.#parts
    const { symbol } = this.#listing
    const { depth } = this.#kind
    this.#nextBids.count = exchange.levels(symbol, BUY, depth, this.#nextBids.ticks, this.#nextBids.lots)
    this.#nextAsks.count = exchange.levels(symbol, SELL, depth, this.#nextAsks.ticks, this.#nextAsks.lots)
  }

  #swap(): void {
    const bids = this.#bids
    const asks = this.#asks
    this.#bids = this.#nextBids
    this.#asks = this.#nextAsks
    this.#nextBids = bids
    this.#nextAsks = asks
  }

  #snapshot(): string {
    return `${this.#head},"action":"snapshot","data":[{"asks":[${this.#levels(this.#asks)}],"bids":[${this.#levels(this.#bids)}],"ts":"${this.#parts.nowMs()}","checksum":0,"prevSeqId":-1,"seqId":${this.#seqId}}]}`
  }

  // The checksum is the constant 0 that production sends since June 2026.
  #update(bids: string, asks: string, previous: number): string {
    return `${this.#head},"action":"update","data":[{"asks":[${asks}],"bids":[${bids}],"ts":"${this.#parts.nowMs()}","checksum":0,"prevSeqId":${previous},"seqId":${this.#seqId}}]}`
  }

  #image(): string {
    return `${this.#head},"data":[{"asks":[${this.#levels(this.#asks)}],"bids":[${this.#levels(this.#bids)}],"instId":"${this.#listing.instId}","ts":"${this.#parts.nowMs()}","seqId":${this.#seqId}}]}`
  }

  #levels(side: Ladder): string {
    let text = ''
    for (let i = 0; i < side.count; i++) text += this.#level(side.ticks[i]!, side.lots[i]!, text === '')
    return text
  }

  #level(ticks: number, lots: number, first: boolean): string {
    return `${first ? '' : ','}${levelText(this.#listing, ticks, lots)}`
  }

  // Both sides are sorted best first: one walk finds what went (also what fell out of the depth), came and changed.
  #difference(old: Ladder, now: Ladder, direction: 1 | -1): string {
    let text = ''
    let i = 0
    let j = 0
    while (i < old.count || j < now.count) {
      const order = i === old.count ? 1 : j === now.count ? -1 : (old.ticks[i]! - now.ticks[j]!) * direction
      if (order < 0) text += this.#level(old.ticks[i++]!, 0, text === '')
      else if (order > 0) {
        text += this.#level(now.ticks[j]!, now.lots[j]!, text === '')
        j++
      } else {
        if (old.lots[i] !== now.lots[j]) text += this.#level(now.ticks[j]!, now.lots[j]!, text === '')
        i++
        j++
      }
    }
    return text
  }
}

/** Price, contracts, the deprecated "0" and the number of orders: the exchange tells levels, not orders, so one where there is any. */
export const levelText = (listing: Listing, ticks: number, lots: number): string => `["${listing.price.of(ticks)}","${listing.size.of(lots)}","0","${lots === 0 ? 0 : 1}"]`

function same(a: Ladder, b: Ladder): boolean {
  if (a.count !== b.count) return false
  for (let i = 0; i < a.count; i++) if (a.ticks[i] !== b.ticks[i] || a.lots[i] !== b.lots[i]) return false
  return true
}
