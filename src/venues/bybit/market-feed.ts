import { type Instrument, type Nanos, RingmasterError, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { FeedState, MarketFeed, MarketHandler } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import {
  type BybitFrameKind, forgetBybitTicker, FRAME_BOOK, FRAME_CONTROL, FRAME_KLINE, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, PublicDecoder,
} from './decode/index.ts'
import { Continuity } from './continuity.ts'
import { FundingWatch } from './funding-watch.ts'
import type { InstrumentWatch } from './instrument-watch.ts'
import type { BybitSettings } from './settings.ts'
import { Subscriptions } from './subscriptions.ts'
import { bookTopicOf, type TopicGroup, topicGroups } from './topics.ts'

const EXCERPT_BYTES = 200

/**
 * Public data of one symbol over one connection. A break in the book's numbering is told before anything is done
 * about it, then the book subscription is taken again, one at a time; the other topics go on meanwhile.
 */
export class BybitMarketFeed implements MarketFeed {
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #decoder: PublicDecoder
  readonly #link: Link
  readonly #instrument: Instrument
  readonly #watch: InstrumentWatch
  readonly #funding: FundingWatch
  readonly #bookTopic: string
  readonly #groups: readonly TopicGroup[]
  readonly #subscriptions: Subscriptions
  /** Topics that the handler knows to be missing. */
  readonly #leftOut = new Set<string>()
  #handler: MarketHandler | null = null
  #state: FeedState = 'down'
  #pings = 0
  #unwatch: (() => void) | null = null
  #patience: Timer | null = null
  #deadline: Timer | null = null
  #silence: Timer | null = null

  readonly #continuity = new Continuity()
  #lastBookNs: Nanos = 0
  #resyncing = false
  #resyncWanted: string | null = null
  readonly #resyncsNs: Nanos[] = []
  #fallbacksCounted = 0

  /** @throws RM_VENUE_SETTING for a candle interval that the venue does not have. */
  constructor(instrument: Instrument, services: VenueServices, url: string, settings: BybitSettings, watch: InstrumentWatch) {
    this.#instrument = instrument
    this.#services = services
    this.#settings = settings
    this.#watch = watch
    this.#decoder = new PublicDecoder(instrument, settings.bookDepth)
    this.#funding = new FundingWatch(this.#decoder.records)
    this.#bookTopic = bookTopicOf(instrument, settings)
    this.#groups = topicGroups(instrument, settings)
    // An unsent request leaves its entry pending, and the deadline cuts the connection.
    this.#subscriptions = new Subscriptions((text) => void this.#link.send(text))
    this.#link = new Link(services, 'bybit-public', url, settings.publicLink, {
      connecting: (attempt) => this.#tell('connecting', `attempt ${attempt + 1}`),
      opened: () => this.#opened(),
      frame: (bytes, receiveNs) => this.#frame(bytes, receiveNs),
      lost: (reason) => this.#lost(reason),
      ping: () => `{"req_id":"ping-${++this.#pings}","op":"ping"}`,
    })
  }

  start(handler: MarketHandler): void {
    this.#handler = handler
    this.#silence?.cancel()
    this.#silence = this.#services.timers.every(Math.max(1, this.#settings.bookSilentMs / 4), () => this.#checkSilence())
    this.#unwatch?.()
    this.#unwatch = this.#watch.join(this.#instrument, (state, receiveNs) => this.#handler?.onInstrument(state, receiveNs))
    this.#link.start()
  }

  resync(reason: string): void {
    if (this.#resyncing || this.#state !== 'live') {
      // While a snapshot is on its way it answers this wish too; after it the wish has to wait for its turn.
      if (this.#continuity.valid) this.#resyncWanted = reason
      this.#services.count('bybit_resync_suppressed')
      return
    }
    const now = this.#services.clock.nowNs()
    const { resyncMax, resyncWindowMs } = this.#settings
    while (this.#resyncsNs.length > 0 && now - this.#resyncsNs[0]! > resyncWindowMs * 1e6) this.#resyncsNs.shift()
    if (this.#resyncsNs.length >= resyncMax) {
      this.#link.fail(`${resyncMax} resyncs within ${resyncWindowMs} ms, now: ${reason}`)
      return
    }
    this.#resyncsNs.push(now)
    this.#resyncing = true
    this.#continuity.valid = false
    this.#services.count('bybit_resync')
    this.#tell('down', reason)
    // The handler may have cut the connection when it heard that.
    if (!this.#resyncing) return
    this.#tell('subscribing', `resync: ${reason}`)
    this.#arm('resync')
    this.#subscriptions.request('unsubscribe', this.#groups[0]!)
  }

  reconnect(reason: string): void {
    this.#link.renew(reason)
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
    this.#lastBookNs = this.#services.clock.nowNs()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = null
    this.#silence?.cancel()
    this.#deadline?.cancel()
    this.#link.stop()
    this.#forgetSession()
    this.#state = 'down'
    this.#handler = null
  }

  #opened(): void {
    this.#forgetSession()
    forgetBybitTicker(this.#decoder.records)
    this.#tell('subscribing', '')
    this.#arm('subscription')
    this.#awaitOptional()
    for (const group of this.#groups) this.#subscriptions.request('subscribe', group)
  }

  #lost(reason: string): void {
    this.#forgetSession()
    this.#tell('down', reason)
  }

  #forgetSession(): void {
    this.#deadline?.cancel()
    this.#patience?.cancel()
    this.#subscriptions.forget()
    this.#continuity.valid = false
    this.#resyncing = false
    this.#resyncWanted = null
  }

  #awaitOptional(): void {
    this.#patience = this.#services.timers.after(this.#settings.ackMs, () => {
      // A paused socket cannot bring the answers.
      if (this.#link.paused) this.#awaitOptional()
      else for (const topic of this.#subscriptions.dropOptional()) this.#leaveOut(topic, `not answered within ${this.#settings.ackMs} ms`)
    })
  }

  #arm(what: string): void {
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(this.#settings.ackMs, () => {
      // A paused socket cannot bring the answer: the time starts again.
      if (this.#link.paused) this.#arm(what)
      else this.#link.fail(`${what} not complete after ${this.#settings.ackMs} ms`)
    })
  }

  #frame(bytes: Uint8Array, receiveNs: Nanos): void {
    const decoder = this.#decoder
    let kind: BybitFrameKind
    try {
      kind = decoder.decode(bytes)
    } catch (error) {
      this.#bad(error, bytes)
      return
    }
    const handler = this.#handler
    if (handler === null) return
    // What the handler throws is the handler's: it must not be taken for a bad frame.
    if (kind === FRAME_BOOK) this.#book(handler, receiveNs)
    else if (kind === FRAME_TRADES) {
      if (decoder.records.trades.count > 0) handler.onTrades(decoder.records.trades, receiveNs)
    } else if (kind === FRAME_TICKER) {
      handler.onTicker(decoder.records.ticker, receiveNs)
      const funding = this.#funding.changed()
      if (funding !== null) handler.onFunding(funding, receiveNs)
    } else if (kind === FRAME_KLINE) for (const kline of decoder.records.klines) handler.onKline(kline, receiveNs)
    else if (kind === FRAME_LIQUIDATIONS) for (const liquidation of decoder.records.liquidations) handler.onLiquidation(liquidation, receiveNs)
    else if (kind === FRAME_PRICE_LIMITS) handler.onPriceLimits(decoder.records.priceLimits!, receiveNs)
    else if (kind === FRAME_CONTROL) this.#control()
    if (decoder.fallbacks !== this.#fallbacksCounted) {
      this.#services.count('bybit_decode_fallback', 'public', decoder.fallbacks - this.#fallbacksCounted)
      this.#fallbacksCounted = decoder.fallbacks
    }
  }

  #book(handler: MarketHandler, receiveNs: Nanos): void {
    const book = this.#decoder.records.book
    this.#lastBookNs = receiveNs
    const verdict = this.#continuity.judge(book)
    if (verdict === 'orphan') {
      this.#services.count('bybit_book_delta_without_snapshot')
      return
    }
    if (verdict === 'old') {
      this.#services.count('bybit_book_delta_old')
      return
    }
    if (verdict === 'gap') {
      this.#services.count('bybit_book_gap')
      this.#gap(`gap in ${this.#bookTopic}: update ${book.updateId} after ${this.#continuity.lastUpdateId}`)
      return
    }
    if (book.snapshot) {
      this.#resyncWanted = null
      this.#settle()
    }
    handler.onBook(book, receiveNs)
  }

  #gap(reason: string): void {
    if (this.#state === 'live') {
      this.resync(reason)
      return
    }
    // Before all acknowledgements are in: say it now, and take the subscription again once they are.
    this.#continuity.valid = false
    this.#resyncWanted = reason
    this.#tell('down', reason)
    this.#tell('subscribing', reason)
  }

  #control(): void {
    const control = this.#decoder.records.control
    if (control.op !== 'subscribe' && control.op !== 'unsubscribe') return
    const answered = this.#subscriptions.answered(control)
    if (answered === null) {
      this.#services.count('bybit_ack_unexpected')
      return
    }
    const { op, group } = answered
    if (!control.success && op === 'subscribe') {
      if (group.optional) {
        for (const topic of group.topics) this.#leaveOut(topic, `refused with "${control.text}"`)
        return
      }
      const error = new RingmasterError('RM_VENUE_SUBSCRIBE', { op, topics: group.topics.join(','), text: control.text })
      this.#handler?.onBadFrame(error, control.text)
      this.#link.fail(error.message)
      return
    }
    // A refused unsubscribe means that there was nothing to take back: subscribing is right in both cases.
    if (op === 'unsubscribe') this.#subscriptions.request('subscribe', group)
    else this.#settle()
  }

  /** Told once in the life of the feed; every new connection asks for the topic again. */
  #leaveOut(topic: string, reason: string): void {
    this.#services.count('bybit_topic_left_out', topic)
    if (this.#leftOut.has(topic)) return
    this.#leftOut.add(topic)
    this.#handler?.onBadFrame(new RingmasterError('RM_VENUE_TOPIC_LEFT_OUT', { topic, reason }), '')
  }

  /** Live is: everything acknowledged that it needs, and a book to build on. */
  #settle(): void {
    if (!this.#subscriptions.complete || this.#state !== 'subscribing') return
    const wanted = this.#resyncWanted
    if (!this.#continuity.valid && wanted === null) return
    this.#deadline?.cancel()
    this.#resyncing = false
    this.#lastBookNs = this.#services.clock.nowNs()
    this.#link.settled()
    this.#resyncWanted = null
    if (wanted === null) {
      this.#tell('live', '')
      return
    }
    this.#state = 'live'
    this.resync(wanted)
  }

  #checkSilence(): void {
    if (this.#state !== 'live' || this.#link.paused) return
    const silentMs = (this.#services.clock.nowNs() - this.#lastBookNs) / 1e6
    if (silentMs >= this.#settings.bookSilentMs) this.resync(`no message of ${this.#bookTopic} for ${Math.round(silentMs)} ms`)
  }

  #bad(error: unknown, bytes: Uint8Array): void {
    this.#services.count('bybit_bad_frame', error instanceof RingmasterError ? error.code : 'foreign')
    this.#handler?.onBadFrame(error, Buffer.from(bytes.subarray(0, EXCERPT_BYTES)).toString('latin1'))
  }

  #tell(state: FeedState, reason: string): void {
    this.#state = state
    this.#handler?.onFeed(state, reason)
  }
}
