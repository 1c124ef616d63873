import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import type { FrontCounters } from '../front/counters.ts'
import { TopicChannel, type TopicStream } from '../front/topic.ts'
import type { ExchangePort, PublicLiquidation } from '../port.ts'
import { bookKinds, BookStream } from './book-stream.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing, Listings } from './listing.ts'
import type { MarkHistory, PriceCandle } from '../front/mark-history.ts'
import type { MarketRows } from './market-rows.ts'
import { barMinutes, CandleStream, EventStream, StateStream, type RowStreamParts } from './row-streams.ts'
import type { StatusBoard } from './status-board.ts'

export interface PublicHubParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly faults: OkxFaults
  readonly counters: FrontCounters
  readonly listings: Listings
  readonly rows: MarketRows
  readonly marks: MarkHistory
  readonly status: StatusBoard
  readonly nowMs: () => WallMs
  /** The venue's clock, skew included: what book messages are stamped with. */
  readonly venueMs: () => WallMs
}

/** Where a channel is served. */
export type Service = 'public' | 'business'

interface Streams {
  readonly books: BookStream[]
  readonly trades: EventStream[]
  readonly everyTrade: EventStream[]
  readonly candles: CandleStream[]
}

/** Channels with one whole row: period and repetition in ms. */
const STATES: Readonly<Record<string, { readonly periodMs: number; readonly repeatMs: number; readonly read: keyof Pick<MarketRows, 'ticker' | 'mark' | 'funding' | 'priceLimit' | 'openInterest'> }>> = {
  tickers: { periodMs: 100, repeatMs: Number.POSITIVE_INFINITY, read: 'ticker' },
  'mark-price': { periodMs: 200, repeatMs: 10_000, read: 'mark' },
  'funding-rate': { periodMs: 30_000, repeatMs: 30_000, read: 'funding' },
  'price-limit': { periodMs: 1_000, repeatMs: Number.POSITIVE_INFINITY, read: 'priceLimit' },
  'open-interest': { periodMs: 3_000, repeatMs: 3_000, read: 'openInterest' },
}

/** Channels that are asked for by type of instrument, or by nothing. */
export const BY_TYPE: ReadonlySet<string> = new Set(['instruments', 'liquidation-orders', 'status'])

/** Channels that the venue keeps for higher fee tiers. */
export const TIERED: ReadonlySet<string> = new Set(['books-l2-tbt', 'books50-l2-tbt'])

/** All public topics (`channel:instId`): made when first asked for, at rest while nobody listens. */
export class PublicHub {
  readonly #parts: PublicHubParts
  readonly #symbols = new Map<string, Streams>()
  readonly #channels = new Map<string, TopicChannel>()
  readonly #stopListening: () => void
  readonly #liquidatedMs = new Map<string, WallMs>()
  #status: EventStream | null = null
  #liquidations: EventStream | null = null
  #instruments: EventStream | null = null

  constructor(parts: PublicHubParts) {
    this.#parts = parts
    parts.status.listen((row) => this.#status?.happened(JSON.stringify(row)))
    for (const listing of parts.listings.all) this.#symbols.set(listing.symbol, { books: [], trades: [], everyTrade: [], candles: [] })
    this.#stopListening = parts.exchange.listen({
      onBookChanged: (symbol) => {
        for (const book of this.#symbols.get(symbol)?.books ?? []) book.changed()
      },
      onTrade: (trade) => {
        const streams = this.#symbols.get(trade.symbol)!
        if (streams.trades.length > 0) happened(streams.trades, parts.rows.trade(parts.listings.bySymbol(trade.symbol), trade))
        if (streams.everyTrade.length > 0) happened(streams.everyTrade, parts.rows.everyTrade(parts.listings.bySymbol(trade.symbol), trade))
      },
      onCandle: (symbol, _candle, closed) => {
        if (closed) for (const stream of this.#symbols.get(symbol)?.candles ?? []) stream.closed()
      },
      onLiquidation: (liquidation) => this.#onLiquidation(liquidation),
      onInstrument: () => this.#instruments?.happened(this.#allInstruments()),
      onSeam: (symbol) => {
        for (const book of this.#symbols.get(symbol)?.books ?? []) book.changed()
      },
    })
  }

  close(): void {
    this.#stopListening()
    for (const channel of this.#channels.values()) channel.stream.stop()
  }

  /** @param instId "" for `instruments`, which is asked for by type. @returns null for what this path does not have. */
  channel(service: Service, channel: string, instId: string): TopicChannel | null {
    if (serviceOf(channel) !== service) return null
    const topic = `${channel}:${instId}`
    const known = this.#channels.get(topic)
    if (known !== undefined) return known
    const stream = this.#make(channel, instId, topic)
    if (stream === null) return null
    const made = new TopicChannel(stream, this.#parts.faults)
    this.#channels.set(topic, made)
    return made
  }

  wake(topic: string): void {
    this.#channels.get(topic)?.stream.wake()
  }

  resnapshot(topic: string, restart: boolean): void {
    const stream = this.#channels.get(topic)?.stream
    if (stream instanceof BookStream) stream.renew(restart)
  }

  #make(channel: string, instId: string, topic: string): TopicStream | null {
    const { listings, random, rows } = this.#parts
    const publish = (frame: string): void => {
      this.#parts.counters.framesBuilt++
      this.#channels.get(topic)?.publish(frame)
    }
    const parts: RowStreamParts = { timers: this.#parts.timers, faults: this.#parts.faults, nowMs: this.#parts.nowMs, publish }
    if (BY_TYPE.has(channel)) return instId === '' ? this.#byType(channel, topic, parts) : null
    const arg = `{"channel":"${channel}","instId":"${instId}"}`
    const byFamily = channel === 'index-tickers' || channel.startsWith('index-candle')
    const listing = byFamily ? listings.all.find((one) => one.family === instId) : listings.byInstId(instId)
    if (listing === undefined) return null
    if (channel === 'index-tickers') return new StateStream(topic, arg, 100, Number.POSITIVE_INFINITY, () => JSON.stringify(rows.index(listing)), parts)
    const streams = this.#symbols.get(listing.symbol)!
    // Each channel counts for itself, but `books` and the book by REST are one numbering.
    const offset = channel === 'books' ? 0 : 1_000_000 + random.below(100_000_000)
    if (Object.hasOwn(bookKinds, channel)) return added(streams.books, new BookStream(listing, channel, offset, random.next(), { ...this.#parts, nowMs: this.#parts.venueMs, publish }))
    if (channel === 'trades' || channel === 'trades-all') return added(channel === 'trades' ? streams.trades : streams.everyTrade, new EventStream(topic, arg, () => '', parts))
    const candle = candleOf(channel)
    if (candle !== null) return added(streams.candles, new CandleStream(topic, arg, candle.minutes, () => this.#candles(listing, candle), parts))
    const state = STATES[channel]!
    return new StateStream(topic, arg, state.periodMs, state.repeatMs, () => JSON.stringify(rows[state.read](listing)), parts)
  }

  #byType(channel: string, topic: string, parts: RowStreamParts): EventStream {
    if (channel === 'status') return (this.#status = new EventStream(topic, '{"channel":"status"}', () => '', parts))
    if (channel === 'liquidation-orders') return (this.#liquidations = new EventStream(topic, '{"channel":"liquidation-orders","instType":"SWAP"}', () => '', parts))
    return (this.#instruments = new EventStream(topic, '{"channel":"instruments","instType":"SWAP"}', () => this.#allInstruments(), parts))
  }

  // A long stall may hold back more than one closed candle.
  #candles(listing: Listing, { of, minutes }: CandleKind): readonly { readonly startMs: WallMs; readonly text: string }[] {
    const { exchange, marks, rows } = this.#parts
    if (of === 'last') return exchange.candles(listing.symbol, minutes, 4).map((candle) => ({ startMs: candle.startMs, text: JSON.stringify(rows.candle(listing, candle, minutes)) }))
    return marks.candles(listing.symbol, of, minutes).slice(-4).map((candle: PriceCandle) => ({ startMs: candle.startMs, text: JSON.stringify(rows.priceCandle(listing, candle, minutes)) }))
  }

  // At most one per contract and second, as the venue says.
  #onLiquidation(liquidation: PublicLiquidation): void {
    const { nowMs, rows, listings } = this.#parts
    if (this.#liquidations === null || nowMs() - (this.#liquidatedMs.get(liquidation.symbol) ?? 0) < 1_000) return
    this.#liquidatedMs.set(liquidation.symbol, nowMs())
    this.#liquidations.happened(JSON.stringify(rows.liquidation(listings.bySymbol(liquidation.symbol), liquidation)))
  }

  // One row per instrument in one frame; what is delisted is not in it any more.
  #allInstruments(): string {
    return this.#parts.listings.all.filter((listing) => listing.contract.status !== 'Closed').map((listing: Listing) => JSON.stringify(this.#parts.rows.instrument(listing))).join(',')
  }
}

function added<T>(list: T[], one: T): T {
  list.push(one)
  return one
}

const happened = (streams: readonly EventStream[], row: string): void => {
  for (const stream of streams) stream.happened(row)
}

interface CandleKind {
  readonly of: 'last' | 'mark' | 'index'
  readonly minutes: number
}

/** @returns null for what is no candle channel, or has a bar that the venue does not know. */
function candleOf(channel: string): CandleKind | null {
  const match = /^(?:(mark-price|index)-)?candle(.+)$/.exec(channel)
  if (match === null || !Object.hasOwn(barMinutes, match[2]!)) return null
  return { of: match[1] === undefined ? 'last' : match[1] === 'index' ? 'index' : 'mark', minutes: barMinutes[match[2]!]! }
}

/** @returns null for a channel that this venue does not have. */
export function serviceOf(channel: string): Service | null {
  if (Object.hasOwn(bookKinds, channel) || Object.hasOwn(STATES, channel) || BY_TYPE.has(channel) || channel === 'trades' || channel === 'index-tickers') return 'public'
  return channel === 'trades-all' || candleOf(channel) !== null ? 'business' : null
}
