import { type Packing, RECORDING_VERSION, RecordingFiles, type RecorderLine, RecordingStamp } from '../src/capture/index.ts'
import { errorLine, type Instrument, type Timer } from '../src/core/index.ts'
import { type BybitUrls, createBybitVenue, createOkxVenue, type FeedState, type MarketFeed, type MarketHandler, type OkxUrls, tapTransport, type Transport, type TransportTap, type Venue, type VenueServices } from '../src/venues/index.ts'

export type RecordedVenue =
  | { readonly name: 'bybit'; readonly urls: BybitUrls; readonly bookDepth: 1 | 50 | 200 | 1000 }
  | { readonly name: 'okx'; readonly urls: OkxUrls; readonly bookDepth: 5 | 400 }

export interface RecorderParts extends VenueServices {
  readonly venue: RecordedVenue
  readonly symbols: readonly string[]
  readonly dir: string
  readonly packing: Packing
  /** A new file after so many bytes, unpacked. */
  readonly rotateBytes: number
  /** null: by size only. */
  readonly rotateMs: number | null
  /** For people: what goes on. */
  readonly tell: (line: string) => void
  /** Hears the feeds beside the recording. */
  readonly listen?: (symbol: string) => Partial<MarketHandler>
}

const FLUSH_MS = 500
const LINE_FEED = 10
const BRACE = 123
const PONG = 'pong'

/**
 * Writes what a venue pushes, every frame as it came with its receive time. The connections are those of the engine's own market
 * feeds: they subscribe, notice gaps, rebuild and reconnect as they do when the engine trades, and a tap on their transport
 * records. Connections made and lost become lines of their own, so that a reader knows a gap when it sees one.
 */
export class Recorder {
  readonly #parts: RecorderParts
  readonly #files: RecordingFiles
  readonly #stamp: RecordingStamp
  readonly #feeds: MarketFeed[] = []
  readonly #timers: Timer[] = []
  /** Answers that every file begins with. */
  #head: readonly string[] = []
  #part = 0
  #partSinceMs = 0
  #stopped = false
  #failed: unknown = null
  /** Frames written. */
  frames = 0
  reconnects = 0

  /** @throws RM_CAPTURE_WRITE */
  constructor(parts: RecorderParts) {
    this.#parts = parts
    this.#files = new RecordingFiles({ dir: parts.dir, venue: parts.venue.name, symbols: parts.symbols, packing: parts.packing })
    this.#stamp = new RecordingStamp(parts.clock)
  }

  /** What went wrong while writing, or null. */
  get failed(): unknown {
    return this.#failed
  }

  /** Finishes what a killed recorder left. */
  async recover(): Promise<void> {
    for (const name of await this.#files.recover()) this.#parts.tell(`finished ${name}, which an earlier recorder left`)
  }

  /** Asks for the instruments, then opens the feeds. `done` hears of the first. */
  start(done: (error: unknown) => void): void {
    const { symbols, timers } = this.#parts
    this.#begin()
    this.#timers.push(timers.every(FLUSH_MS, () => this.#tick()))
    this.#venue('').reference.instruments(symbols, (error, instruments) => {
      if (this.#stopped) return
      if (error === null) for (const instrument of instruments) this.#open(instrument)
      done(error)
    })
  }

  /** Ends the feeds and finishes the files. @throws RM_CAPTURE_WRITE */
  async stop(reason: string): Promise<void> {
    if (this.#stopped) return
    this.#write({ recorder: 'end', reason })
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    for (const feed of this.#feeds) feed.stop()
    await this.#files.close()
    // A write that failed earlier left a hole that closing does not see.
    if (this.#failed !== null) throw this.#failed
  }

  #begin(): void {
    const { clock, venue, symbols } = this.#parts
    this.#stamp.anchor()
    this.#partSinceMs = clock.wallMs()
    this.#files.begin(this.#stamp.now())
    this.#write({ recorder: 'begin', version: RECORDING_VERSION, venue: venue.name, symbols, part: ++this.#part })
    for (const line of this.#head) this.#files.line(this.#stamp.now(), line)
  }

  #tick(): void {
    this.#guard(() => {
      this.#files.flush()
      const { rotateBytes, rotateMs, clock, tell } = this.#parts
      const due = this.#files.bytes >= rotateBytes || (rotateMs !== null && clock.wallMs() - this.#partSinceMs >= rotateMs)
      if (!due) return
      this.#files.finish()
      this.#begin()
      tell(`part ${this.#part}, ${this.frames} frames so far`)
    })
  }

  #open(instrument: Instrument): void {
    const { symbol } = instrument
    const feed = this.#venue(symbol).feed(instrument)
    this.#feeds.push(feed)
    feed.start(this.#handler(symbol))
  }

  /** One adapter for each symbol, so that the tap knows whose connection speaks. */
  #venue(symbol: string): Venue {
    const { venue, clock, timers, random, count } = this.#parts
    const transport: Transport = tapTransport(this.#parts.transport, this.#tap(symbol))
    const services: VenueServices = { transport, clock, timers, random, count }
    if (venue.name === 'okx') return createOkxVenue({ ...services, urls: venue.urls, credentials: null, settings: { bookDepth: venue.bookDepth } })
    return createBybitVenue({ ...services, urls: venue.urls, credentials: null, settings: { bookDepth: venue.bookDepth } })
  }

  #tap(symbol: string): TransportTap {
    return {
      opened: (connection, url) => this.#write({ recorder: 'opened', symbol, connection, url, reason: '' }),
      lost: (connection, url, reason) => {
        if (!this.#stopped) this.reconnects++
        this.#write({ recorder: 'lost', symbol, connection, url, reason })
      },
      sent: (connection, text) => {
        this.#topics(text)
        this.#write({ recorder: 'sent', symbol, connection, text })
      },
      frame: (_connection, bytes) => this.#frame(bytes),
      answer: (url, status, body) => this.#answer(url, status, body),
    }
  }

  #frame(bytes: Uint8Array): void {
    if (!this.#stopped) this.frames++
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    // A line break would end the line, and what is no object could not be told from the recorder's own words.
    const plain = (bytes[0] === BRACE || text === PONG) && !bytes.includes(LINE_FEED)
    this.#line(plain ? text : JSON.stringify({ recorder: 'frame', text }))
  }

  /** The instruments are written into every file; other answers where they came. */
  #answer(url: string, status: number, body: string): void {
    if (status !== 200 || !/instruments/.test(url)) return
    let inline = body
    try {
      // One line, and certainly JSON.
      inline = body.includes('\n') ? JSON.stringify(JSON.parse(body)) : (JSON.parse(body), body)
    } catch {
      return
    }
    const line = `{"recorder":"rest","url":${JSON.stringify(url)},"body":${inline}}`
    if (this.#head.length === 0) this.#head = [line]
    this.#line(line)
  }

  #topics(text: string): void {
    let args: unknown
    try {
      args = (JSON.parse(text) as { args?: unknown }).args
    } catch {
      // A plain ping.
      return
    }
    if (!Array.isArray(args)) return
    for (const one of args as (string | { channel?: string; instId?: string })[]) this.#files.topic(typeof one === 'string' ? one : `${one.channel}:${one.instId}`)
  }

  #write(line: RecorderLine): void {
    this.#line(JSON.stringify(line))
  }

  #line(text: string): void {
    this.#guard(() => this.#files.line(this.#stamp.now(), text))
  }

  /** A full disk must not be taken for a bad frame by the feed. */
  #guard(act: () => void): void {
    if (this.#failed !== null || this.#stopped) return
    try {
      act()
    } catch (error) {
      this.#failed = error
      this.#parts.tell(errorLine(error))
    }
  }

  #handler(symbol: string): MarketHandler {
    const listener = this.#parts.listen?.(symbol) ?? {}
    return {
      onBook: (update, receiveNs) => listener.onBook?.(update, receiveNs),
      onTrades: (batch, receiveNs) => listener.onTrades?.(batch, receiveNs),
      onTicker: (ticker, receiveNs) => listener.onTicker?.(ticker, receiveNs),
      onKline: (kline, receiveNs) => listener.onKline?.(kline, receiveNs),
      onLiquidation: (liquidation, receiveNs) => listener.onLiquidation?.(liquidation, receiveNs),
      onPriceLimits: (limits, receiveNs) => listener.onPriceLimits?.(limits, receiveNs),
      onFunding: (funding, receiveNs) => listener.onFunding?.(funding, receiveNs),
      onInstrument: (state, receiveNs) => listener.onInstrument?.(state, receiveNs),
      onFeed: (state: FeedState, reason) => {
        if (state === 'live' || state === 'down') this.#parts.tell(`${symbol} ${state}${reason === '' ? '' : `: ${reason}`}`)
        listener.onFeed?.(state, reason)
      },
      onBadFrame: (error, excerpt) => {
        this.#parts.tell(`${symbol}: ${errorLine(error)}`)
        listener.onBadFrame?.(error, excerpt)
      },
    }
  }
}
