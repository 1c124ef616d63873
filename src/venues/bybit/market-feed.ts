import { fail, type Instrument, type Nanos, RingmasterError, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { FeedState, MarketFeed, MarketHandler } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { forgetTicker, FRAME_BOOK, FRAME_CONTROL, FRAME_KLINE, FRAME_TICKER, FRAME_TRADES, type FrameKind, PublicDecoder } from './decode/index.ts'
import { intervalMsOf } from './intervals.ts'
import type { BybitSettings } from './settings.ts'

interface Pending {
  readonly op: 'subscribe' | 'unsubscribe'
  readonly topics: readonly string[]
}

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
  readonly #bookTopic: string
  readonly #groups: readonly (readonly string[])[]
  #handler: MarketHandler | null = null
  #state: FeedState = 'down'
  readonly #pending = new Map<string, Pending>()
  #requests = 0
  #deadline: Timer | null = null
  #silence: Timer | null = null

  /** False from the moment continuity broke until the next snapshot. */
  #bookValid = false
  #lastUpdateId = 0
  #lastSequence = -1
  #lastBookNs: Nanos = 0
  #resyncing = false
  #resyncWanted: string | null = null
  readonly #resyncsNs: Nanos[] = []
  #fallbacksCounted = 0

  /** @throws RM_VENUE_SETTING for a candle interval that the venue does not have. */
  constructor(instrument: Instrument, services: VenueServices, url: string, settings: BybitSettings) {
    const { symbol } = instrument
    this.#services = services
    this.#settings = settings
    this.#decoder = new PublicDecoder(instrument, settings.bookDepth)
    this.#bookTopic = `orderbook.${settings.bookDepth}.${symbol}`
    for (const name of settings.klineIntervals) if (intervalMsOf(name) === null) fail('RM_VENUE_SETTING', { name: 'klineIntervals', actual: name, expected: 'intervals of the venue' })
    // One bad topic fails its whole group: the book must not hang on the spelling of a candle.
    this.#groups = [[this.#bookTopic], [`publicTrade.${symbol}`, `tickers.${symbol}`], settings.klineIntervals.map((name) => `kline.${name}.${symbol}`)].filter((group) => group.length > 0)
    this.#link = new Link(services, 'bybit-public', url, settings.publicLink, {
      connecting: (attempt) => this.#tell('connecting', `attempt ${attempt + 1}`),
      opened: () => this.#opened(),
      frame: (bytes, receiveNs) => this.#frame(bytes, receiveNs),
      lost: (reason) => this.#lost(reason),
      ping: () => `{"req_id":"ping-${++this.#requests}","op":"ping"}`,
    })
  }

  start(handler: MarketHandler): void {
    this.#handler = handler
    this.#silence?.cancel()
    this.#silence = this.#services.timers.every(Math.max(1, this.#settings.bookSilentMs / 4), () => this.#checkSilence())
    this.#link.start()
  }

  resync(reason: string): void {
    if (this.#resyncing || this.#state !== 'live') {
      // While a snapshot is on its way it answers this wish too; after it the wish has to wait for its turn.
      if (this.#bookValid) this.#resyncWanted = reason
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
    this.#bookValid = false
    this.#services.count('bybit_resync')
    this.#tell('down', reason)
    // The handler may have cut the connection when it heard that.
    if (!this.#resyncing) return
    this.#tell('subscribing', `resync: ${reason}`)
    this.#arm('resync')
    this.#request('unsubscribe', [this.#bookTopic])
  }

  reconnect(reason: string): void {
    this.#link.fail(reason)
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
    this.#lastBookNs = this.#services.clock.nowNs()
  }

  stop(): void {
    this.#silence?.cancel()
    this.#deadline?.cancel()
    this.#link.stop()
    this.#forgetSession()
    this.#state = 'down'
    this.#handler = null
  }

  #opened(): void {
    this.#forgetSession()
    forgetTicker(this.#decoder.records)
    this.#tell('subscribing', '')
    this.#arm('subscription')
    for (const group of this.#groups) this.#request('subscribe', group)
  }

  #lost(reason: string): void {
    this.#forgetSession()
    this.#tell('down', reason)
  }

  #forgetSession(): void {
    this.#deadline?.cancel()
    this.#pending.clear()
    this.#bookValid = false
    this.#resyncing = false
    this.#resyncWanted = null
  }

  #arm(what: string): void {
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(this.#settings.ackMs, () => {
      // A paused socket cannot bring the answer: the time starts again.
      if (this.#link.paused) this.#arm(what)
      else this.#link.fail(`${what} not complete after ${this.#settings.ackMs} ms`)
    })
  }

  #request(op: Pending['op'], topics: readonly string[]): void {
    const id = `${op === 'subscribe' ? 's' : 'u'}-${++this.#requests}`
    this.#pending.set(id, { op, topics })
    // An unsent request leaves its entry pending, and the deadline cuts the connection.
    this.#link.send(JSON.stringify({ req_id: id, op, args: topics }))
  }

  #frame(bytes: Uint8Array, receiveNs: Nanos): void {
    const decoder = this.#decoder
    let kind: FrameKind
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
    } else if (kind === FRAME_TICKER) handler.onTicker(decoder.records.ticker, receiveNs)
    else if (kind === FRAME_KLINE) for (const kline of decoder.records.klines) handler.onKline(kline, receiveNs)
    else if (kind === FRAME_CONTROL) this.#control()
    if (decoder.fallbacks !== this.#fallbacksCounted) {
      this.#services.count('bybit_decode_fallback', 'public', decoder.fallbacks - this.#fallbacksCounted)
      this.#fallbacksCounted = decoder.fallbacks
    }
  }

  #book(handler: MarketHandler, receiveNs: Nanos): void {
    const book = this.#decoder.records.book
    this.#lastBookNs = receiveNs
    // Update id 1 is a restart of the venue's service: the message replaces the book whatever it calls itself.
    if (book.updateId === 1) book.snapshot = true
    if (!book.snapshot) {
      if (!this.#bookValid) {
        this.#services.count('bybit_book_delta_without_snapshot')
        return
      }
      // A small number of a newer cross sequence is no repetition: the numbering began anew and its snapshot was lost.
      if (book.updateId <= this.#lastUpdateId && book.sequence <= this.#lastSequence) {
        this.#services.count('bybit_book_delta_old')
        return
      }
      if (book.updateId !== this.#lastUpdateId + 1) {
        this.#services.count('bybit_book_gap')
        const reason = `gap in ${this.#bookTopic}: update ${book.updateId} after ${this.#lastUpdateId}`
        this.#gap(reason)
        return
      }
    }
    this.#lastUpdateId = book.updateId
    this.#lastSequence = book.sequence
    if (book.snapshot) {
      this.#bookValid = true
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
    this.#bookValid = false
    this.#resyncWanted = reason
    this.#tell('down', reason)
    this.#tell('subscribing', reason)
  }

  #control(): void {
    const control = this.#decoder.records.control
    if (control.op !== 'subscribe' && control.op !== 'unsubscribe') return
    const id = this.#pendingId(control.op, control.requestId, control.text)
    if (id === null) {
      this.#services.count('bybit_ack_unexpected')
      return
    }
    const { op, topics } = this.#pending.get(id)!
    this.#pending.delete(id)
    if (!control.success && op === 'subscribe') {
      const error = new RingmasterError('RM_VENUE_SUBSCRIBE', { op, topics: topics.join(','), text: control.text })
      this.#handler?.onBadFrame(error, control.text)
      this.#link.fail(error.message)
      return
    }
    // A refused unsubscribe means that there was nothing to take back: subscribing is right in both cases.
    if (op === 'unsubscribe') this.#request('subscribe', topics)
    else this.#settle()
  }

  /** The venue leaves out the request id of some refusals: then the topic in the text, or the oldest request of the kind. */
  #pendingId(op: string, requestId: string, text: string): string | null {
    if (this.#pending.has(requestId)) return requestId
    if (requestId !== '') return null
    let oldest: string | null = null
    for (const [id, pending] of this.#pending) {
      if (pending.op !== op) continue
      if (pending.topics.some((topic) => text.includes(topic))) return id
      oldest ??= id
    }
    return oldest
  }

  /** Live is: everything acknowledged, and a book to build on. */
  #settle(): void {
    if (this.#pending.size > 0 || this.#state !== 'subscribing') return
    const wanted = this.#resyncWanted
    if (!this.#bookValid && wanted === null) return
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
