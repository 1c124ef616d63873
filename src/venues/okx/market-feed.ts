import { errorLine, type Instrument, type Nanos, RingmasterError, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { FeedState, MarketFeed, MarketHandler } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { CandleFeed } from './candle-feed.ts'
import { instIdOf, type OkxContracts } from './contracts.ts'
import { FRAME_BOOK, FRAME_PONG, FRAME_TICKER, FRAME_TRADES, type FrameKind, NO_SEQUENCE, PublicDecoder } from './decode.ts'
import type { OkxSettings, OkxUrls } from './settings.ts'
import { forgetTicker } from '../common/records.ts'

type Op = 'subscribe' | 'unsubscribe'

const EXCERPT_BYTES = 200
/** The venue announces that it will soon close the connection. */
const UPGRADE_NOTICE = '64008'

/**
 * Public data of one symbol over one connection, candles over another. A break in the book's chain of numbers is told
 * before anything is done about it, then the book subscription is taken again, one at a time; the other channels go on
 * meanwhile. Before the first connection the venue is asked for the contract, whose size the frames are counted in.
 */
export class OkxMarketFeed implements MarketFeed {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #instrument: Instrument
  readonly #instId: string
  readonly #contracts: OkxContracts
  readonly #bookChannel: string
  readonly #channels: readonly string[]
  readonly #link: Link
  readonly #candles: CandleFeed
  #decoder: PublicDecoder | null = null
  #handler: MarketHandler | null = null
  #state: FeedState = 'down'
  /** Acknowledgements that are still to come, `op channel`, each with the id of its request. */
  readonly #pending = new Map<string, string>()
  #requests = 0
  #deadline: Timer | null = null
  #silence: Timer | null = null
  #retry: Timer | null = null

  /** False from the moment continuity broke until the next snapshot. */
  #bookValid = false
  #lastSequence = NO_SEQUENCE
  #lastBookNs: Nanos = 0
  #resyncing = false
  #resyncWanted: string | null = null
  readonly #resyncsNs: Nanos[] = []

  /** @throws RM_VENUE_SETTING for a candle interval that the venue does not have. */
  constructor(instrument: Instrument, services: VenueServices, urls: OkxUrls, settings: OkxSettings, contracts: OkxContracts) {
    this.#services = services
    this.#settings = settings
    this.#instrument = instrument
    this.#instId = instIdOf(instrument)
    this.#contracts = contracts
    this.#bookChannel = settings.bookDepth === 5 ? 'books5' : 'books'
    this.#channels = [this.#bookChannel, 'trades', 'tickers', 'mark-price', 'funding-rate']
    this.#candles = new CandleFeed(this.#instId, services, urls.business, settings)
    this.#link = new Link(services, 'okx-public', urls.public, settings.publicLink, {
      connecting: (attempt) => this.#tell('connecting', `attempt ${attempt + 1}`),
      opened: () => this.#opened(),
      frame: (bytes, receiveNs) => this.#frame(bytes, receiveNs),
      lost: (reason) => this.#lost(reason),
      ping: () => 'ping',
    })
  }

  start(handler: MarketHandler): void {
    if (this.#handler !== null) return
    this.#handler = handler
    this.#silence = this.#services.timers.every(Math.max(1, this.#settings.bookSilentMs / 8), () => this.#checkSilence())
    this.#prepare()
  }

  resync(reason: string): void {
    if (this.#resyncing || this.#state !== 'live') {
      // While a snapshot is on its way it answers this wish too; after it the wish has to wait for its turn.
      if (this.#bookValid) this.#resyncWanted = reason
      this.#services.count('okx_resync_suppressed')
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
    this.#services.count('okx_resync')
    this.#tell('down', reason)
    // The handler may have cut the connection when it heard that.
    if (!this.#resyncing) return
    this.#tell('subscribing', `resync: ${reason}`)
    this.#arm('resync')
    this.#request('unsubscribe', [this.#bookChannel])
  }

  reconnect(reason: string): void {
    this.#link.renew(reason)
  }

  pause(): void {
    this.#link.pause()
    this.#candles.pause()
  }

  resume(): void {
    this.#link.resume()
    this.#candles.resume()
    this.#lastBookNs = this.#services.clock.nowNs()
  }

  stop(): void {
    this.#silence?.cancel()
    this.#retry?.cancel()
    this.#deadline?.cancel()
    this.#link.stop()
    this.#candles.stop()
    this.#forgetSession()
    this.#state = 'down'
    this.#handler = null
  }

  /** Asks for the contract until it is known. */
  #prepare(): void {
    this.#tell('connecting', `contract of ${this.#instId}`)
    this.#contracts.load([this.#instrument], (error) => {
      const handler = this.#handler
      if (handler === null) return
      const contract = this.#contracts.of(this.#instrument.symbol)
      if (error !== null || contract === undefined) {
        this.#services.count('okx_contract_unknown')
        this.#tell('down', `contract of ${this.#instId}: ${errorLine(error)}`)
        if (this.#handler !== null) this.#retry = this.#services.timers.after(this.#settings.retryMs, () => this.#prepare())
        return
      }
      this.#decoder = new PublicDecoder(contract, this.#bookChannel)
      this.#link.start()
      this.#candles.start(contract, handler)
    })
  }

  #opened(): void {
    this.#forgetSession()
    if (this.#decoder !== null) forgetTicker(this.#decoder.records)
    this.#tell('subscribing', '')
    this.#arm('subscription')
    this.#request('subscribe', this.#channels)
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
    this.#lastSequence = NO_SEQUENCE
  }

  #arm(what: string): void {
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(this.#settings.ackMs, () => {
      // A paused socket cannot bring the answer: the time starts again.
      if (this.#link.paused) this.#arm(what)
      else this.#link.fail(`${what} not complete after ${this.#settings.ackMs} ms`)
    })
  }

  #request(op: Op, channels: readonly string[]): void {
    const id = `${op === 'subscribe' ? 's' : 'u'}${++this.#requests}`
    for (const channel of channels) this.#pending.set(`${op} ${channel}`, id)
    // An unsent request leaves its entries pending, and the deadline cuts the connection.
    this.#link.send(JSON.stringify({ id, op, args: channels.map((channel) => ({ channel, instId: this.#instId })) }))
  }

  #frame(bytes: Uint8Array, receiveNs: Nanos): void {
    const handler = this.#handler
    const decoder = this.#decoder
    if (handler === null || decoder === null) return
    let kind: FrameKind
    try {
      kind = decoder.decode(bytes)
    } catch (error) {
      this.#bad(error, bytes)
      return
    }
    if (kind === FRAME_BOOK) this.#book(handler, decoder, receiveNs)
    else if (kind === FRAME_TRADES) {
      if (decoder.records.trades.count > 0) handler.onTrades(decoder.records.trades, receiveNs)
    } else if (kind === FRAME_TICKER) handler.onTicker(decoder.records.ticker, receiveNs)
    else if (kind !== FRAME_PONG) this.#control(decoder)
  }

  #book(handler: MarketHandler, decoder: PublicDecoder, receiveNs: Nanos): void {
    const { book } = decoder.records
    this.#lastBookNs = receiveNs
    if (!this.#continues(decoder)) return
    this.#lastSequence = book.updateId
    if (book.snapshot && !this.#bookValid) {
      this.#bookValid = true
      this.#resyncWanted = null
      this.#settle()
    }
    handler.onBook(book, receiveNs)
  }

  /** Whether a book message follows on the last one; where it does not, what has to be done about it is done. */
  #continues({ records: { book }, previousSequence }: PublicDecoder): boolean {
    if (book.snapshot) {
      // A small book is a snapshot each time, without a chain: an older one than the last came late.
      if (this.#bookChannel !== 'books5' || !this.#bookValid || book.updateId >= this.#lastSequence) return true
      this.#services.count('okx_book_old')
      return false
    }
    if (!this.#bookValid) {
      this.#services.count('okx_book_delta_without_snapshot')
      return false
    }
    // A smaller number after the right one is a reset by maintenance, an equal one a sign of life.
    if (book.updateId !== NO_SEQUENCE && previousSequence === this.#lastSequence) return true
    this.#services.count('okx_book_gap')
    const actual = book.updateId === NO_SEQUENCE ? 'an update without a number' : `update ${book.updateId} of ${previousSequence}`
    this.#gap(`gap in ${this.#bookChannel} of ${this.#instId}: ${actual} after ${this.#lastSequence}`)
    return false
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

  #control({ control }: PublicDecoder): void {
    const { event, channel } = control
    if (event === 'subscribe' || event === 'unsubscribe') {
      if (!this.#pending.delete(`${event} ${channel}`)) this.#services.count('okx_ack_unexpected')
      else if (event === 'unsubscribe') this.#request('subscribe', [channel])
      else this.#settle()
      return
    }
    if (event === 'notice') {
      this.#services.count('okx_notice', control.code)
      // The connection dies anyway: better now, with a new one at once, than in the middle of something.
      if (control.code === UPGRADE_NOTICE) this.#link.fail(`the venue will close the connection: ${control.text}`)
      return
    }
    if (event === 'error') this.#refused(control.id, control.code, control.text)
    else this.#services.count('okx_event', event)
  }

  #refused(id: string, code: string, words: string): void {
    const keys = [...this.#pending].filter(([, requestId]) => id === '' || requestId === id).map(([key]) => key)
    if (keys.length === 0) {
      this.#services.count('okx_error_unexpected', code)
      return
    }
    // A refused unsubscribe means that there was nothing to take back: subscribing is right.
    if (keys.every((key) => key.startsWith('unsubscribe '))) {
      for (const key of keys) this.#pending.delete(key)
      this.#request('subscribe', keys.map((key) => key.slice('unsubscribe '.length)))
      return
    }
    const error = new RingmasterError('RM_VENUE_SUBSCRIBE', { op: 'subscribe', topics: keys.map((key) => key.split(' ')[1]).join(','), text: `${code} ${words}` })
    this.#handler?.onBadFrame(error, words)
    this.#link.fail(error.message)
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
    if (silentMs >= this.#settings.bookSilentMs) this.resync(`no message of ${this.#bookChannel} of ${this.#instId} for ${Math.round(silentMs)} ms`)
  }

  #bad(error: unknown, bytes: Uint8Array): void {
    this.#services.count('okx_bad_frame', error instanceof RingmasterError ? error.code : 'foreign')
    this.#handler?.onBadFrame(error, Buffer.from(bytes.subarray(0, EXCERPT_BYTES)).toString('latin1'))
  }

  #tell(state: FeedState, reason: string): void {
    this.#state = state
    this.#handler?.onFeed(state, reason)
  }
}
