import { errorLine, type Instrument, type Nanos, RingmasterError, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { FeedState, InstrumentState, MarketFeed, MarketHandler } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import type { Json } from '../common/json.ts'
import { forgetTicker } from '../common/records.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { BookChain, FOLLOWS, GAP, OLD } from './book-chain.ts'
import { CandleFeed } from './candle-feed.ts'
import { instIdOf, type OkxContracts, readInstrumentState } from './contracts.ts'
import {
  FRAME_BOOK, FRAME_EVENT, FRAME_FUNDING, FRAME_INSTRUMENTS, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, needsLogin, NO_SEQUENCE, type OkxFrameKind, OPEN_BOOK, PublicDecoder,
} from './decode/index.ts'
import { bookChannelOf, type OkxCredentials, type OkxSettings, type OkxUrls } from './settings.ts'
import { loginFrame } from './sign.ts'

type Op = 'subscribe' | 'unsubscribe'

/** Beside the book: without these the feed is not live. */
const NEEDED = ['trades', 'tickers'] as const
/** Good to have: one that is refused is counted, and the book goes on. */
const EXTRA = ['mark-price', 'funding-rate', 'price-limit'] as const
/** The same, of all swaps at once. */
const EXTRA_OF_ALL = ['liquidation-orders', 'instruments'] as const

const EXCERPT_BYTES = 200
const LOGIN_OK = '0'
/** What the venue says of a fast book that it does not give: not logged in, fee tier too low, in conflict with another one. */
const BOOK_REFUSED: ReadonlySet<string> = new Set(['60011', '64003', '64004'])
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
  readonly #credentials: OkxCredentials | null
  readonly #time: VenueTime
  #bookChannel: string
  #chain: BookChain
  readonly #link: Link
  readonly #candles: CandleFeed
  #decoder: PublicDecoder | null = null
  #handler: MarketHandler | null = null
  #state: FeedState = 'down'
  /** Acknowledgements that are still to come, `op channel`, each with the id of its request. */
  readonly #pending = new Map<string, string>()
  /** Extra channels that are not acknowledged, each with the id of its request. */
  readonly #extra = new Map<string, string>()
  #loggingIn = false
  #requests = 0
  #deadline: Timer | null = null
  #silence: Timer | null = null
  #retry: Timer | null = null

  #lastBookNs: Nanos = 0
  #resyncing = false
  #resyncWanted: string | null = null
  readonly #resyncsNs: Nanos[] = []

  /** @throws RM_VENUE_SETTING for a candle interval that the venue does not have. */
  constructor(instrument: Instrument, services: VenueServices, urls: OkxUrls, settings: OkxSettings, contracts: OkxContracts, credentials: OkxCredentials | null, time: VenueTime) {
    this.#services = services
    this.#settings = settings
    this.#instrument = instrument
    this.#instId = instIdOf(instrument)
    this.#contracts = contracts
    this.#credentials = credentials
    this.#time = time
    this.#bookChannel = bookChannelOf(settings)
    this.#chain = new BookChain(this.#bookChannel)
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
      if (this.#chain.valid) this.#resyncWanted = reason
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
    this.#chain.valid = false
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
    if (!needsLogin(this.#bookChannel)) this.#subscribeAll()
    else if (this.#credentials === null) {
      this.#openBook('no key to log in with')
      this.#subscribeAll()
    } else {
      this.#loggingIn = true
      this.#link.send(loginFrame(this.#credentials, this.#time.nowMs()))
    }
  }

  #subscribeAll(): void {
    this.#request('subscribe', [this.#bookChannel, ...NEEDED])
    const id = `x${++this.#requests}`
    for (const channel of [...EXTRA, ...EXTRA_OF_ALL]) this.#extra.set(channel, id)
    const args = [...EXTRA.map((channel) => ({ channel, instId: this.#instId })), ...EXTRA_OF_ALL.map((channel) => ({ channel, instType: 'SWAP' }))]
    this.#link.send(JSON.stringify({ id, op: 'subscribe', args }))
  }

  /** The venue does not give this account the fast book: the one that everybody gets, from now on. */
  #openBook(why: string): void {
    const refused = this.#bookChannel
    this.#services.count('okx_book_fallback', refused)
    this.#handler?.onBadFrame(new RingmasterError('RM_VENUE_SUBSCRIBE', { op: 'subscribe', topics: refused, text: why }), why)
    this.#bookChannel = OPEN_BOOK
    this.#chain = new BookChain(OPEN_BOOK)
    const contract = this.#contracts.of(this.#instrument.symbol)
    if (contract !== undefined) this.#decoder = new PublicDecoder(contract, OPEN_BOOK)
  }

  #lost(reason: string): void {
    this.#forgetSession()
    this.#tell('down', reason)
  }

  #forgetSession(): void {
    this.#deadline?.cancel()
    this.#pending.clear()
    this.#extra.clear()
    this.#loggingIn = false
    this.#chain.forget()
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
    let kind: OkxFrameKind
    try {
      kind = decoder.decode(bytes)
    } catch (error) {
      this.#bad(error, bytes)
      return
    }
    const { records } = decoder
    switch (kind) {
      case FRAME_BOOK:
        this.#book(handler, decoder, receiveNs)
        break
      case FRAME_TRADES:
        if (records.trades.count > 0) handler.onTrades(records.trades, receiveNs)
        break
      case FRAME_TICKER:
        handler.onTicker(records.ticker, receiveNs)
        break
      case FRAME_FUNDING:
        handler.onTicker(records.ticker, receiveNs)
        handler.onFunding(records.funding!, receiveNs)
        break
      case FRAME_PRICE_LIMITS:
        handler.onPriceLimits(records.priceLimits!, receiveNs)
        break
      case FRAME_LIQUIDATIONS:
        for (const liquidation of records.liquidations) handler.onLiquidation(liquidation, receiveNs)
        break
      case FRAME_INSTRUMENTS:
        if (records.instrument !== null) this.#changed(handler, records.instrument, records.funding?.intervalMs ?? Number.NaN, bytes, receiveNs)
        break
      case FRAME_EVENT:
        this.#event(decoder)
        break
      default: // a pong
    }
  }

  #book(handler: MarketHandler, { records: { book, previousSequence } }: PublicDecoder, receiveNs: Nanos): void {
    const chain = this.#chain
    const { last } = chain
    const wasValid = chain.valid
    const verdict = chain.take(book, previousSequence)
    if (verdict === FOLLOWS) {
      this.#lastBookNs = receiveNs
      if (book.snapshot && !wasValid) {
        this.#resyncWanted = null
        this.#settle()
      }
      handler.onBook(book, receiveNs)
    } else if (verdict === GAP) {
      this.#services.count('okx_book_gap')
      const actual = book.updateId === NO_SEQUENCE ? 'an update without a number' : `update ${book.updateId} of ${previousSequence}`
      this.#gap(`gap in ${this.#bookChannel} of ${this.#instId}: ${actual} after ${last}`)
    } else this.#services.count(verdict === OLD ? 'okx_book_old' : 'okx_book_delta_without_snapshot')
  }

  /** The instrument as the venue has it now. A grid that is no longer ours ends the feed until the engine knows the new one. */
  #changed(handler: MarketHandler, row: Json, fundingIntervalMs: number, bytes: Uint8Array, receiveNs: Nanos): void {
    let state: InstrumentState
    let fits: boolean
    try {
      state = readInstrumentState(row, this.#instrument.index, fundingIntervalMs)
      fits = this.#contracts.refresh(row, this.#instrument)
    } catch (error) {
      this.#bad(error, bytes)
      return
    }
    handler.onInstrument(state, receiveNs)
    if (fits || this.#handler === null) return
    this.#services.count('okx_grid_changed', this.#instId)
    this.#link.stop()
    this.#candles.stop()
    this.#forgetSession()
    this.#tell('down', `the venue changed the grid of ${this.#instId}`)
    this.#retry = this.#services.timers.after(this.#settings.retryMs, () => this.#prepare())
  }

  #gap(reason: string): void {
    if (this.#state === 'live') {
      this.resync(reason)
      return
    }
    // Before all acknowledgements are in: say it now, and take the subscription again once they are.
    this.#chain.valid = false
    this.#resyncWanted = reason
    this.#tell('down', reason)
    this.#tell('subscribing', reason)
  }

  #event({ records: { event: frame } }: PublicDecoder): void {
    const { event, channel } = frame
    if (event === 'subscribe' || event === 'unsubscribe') {
      if (event === 'subscribe' && this.#extra.delete(channel)) return
      if (!this.#pending.delete(`${event} ${channel}`)) this.#services.count('okx_ack_unexpected')
      else if (event === 'unsubscribe') this.#request('subscribe', [channel])
      else this.#settle()
    } else if (event === 'login' && frame.code === LOGIN_OK) {
      if (!this.#loggingIn) return
      this.#loggingIn = false
      this.#subscribeAll()
    } else if (event === 'notice') {
      this.#services.count('okx_notice', frame.code)
      // The connection dies anyway: better now, with a new one at once, than in the middle of something.
      if (frame.code === UPGRADE_NOTICE) this.#link.fail(`the venue will close the connection: ${frame.text}`)
    } else if (event === 'error' || event === 'login') this.#refused(frame.id, frame.code, frame.text)
    else this.#services.count('okx_event', event)
  }

  #refused(id: string, code: string, words: string): void {
    if (this.#loggingIn) {
      this.#loggingIn = false
      this.#openBook(`login refused: ${code} ${words}`)
      this.#subscribeAll()
      return
    }
    if (id !== '' && [...this.#extra.values()].includes(id)) {
      this.#services.count('okx_channel_refused', code)
      return
    }
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
    const bookKey = `subscribe ${this.#bookChannel}`
    if (needsLogin(this.#bookChannel) && BOOK_REFUSED.has(code) && keys.includes(bookKey)) {
      this.#pending.delete(bookKey)
      this.#openBook(`${code} ${words}`)
      this.#request('subscribe', [this.#bookChannel])
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
    if (!this.#chain.valid && wanted === null) return
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
