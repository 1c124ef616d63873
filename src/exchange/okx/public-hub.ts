import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import type { FrontCounters } from '../front/counters.ts'
import { TopicChannel, type TopicStream } from '../front/topic.ts'
import type { ExchangePort } from '../port.ts'
import { bookKinds, BookStream } from './book-stream.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing, Listings } from './listing.ts'
import type { MarketRows } from './market-rows.ts'
import { barMinutes, CandleStream, StateStream, TradeStream } from './row-streams.ts'

export interface PublicHubParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly faults: OkxFaults
  readonly counters: FrontCounters
  readonly listings: Listings
  readonly rows: MarketRows
  readonly nowMs: () => WallMs
  /** The venue's clock, skew included: what book messages are stamped with. */
  readonly venueMs: () => WallMs
}

/** Where a channel is served. */
export type Service = 'public' | 'business'

interface Streams {
  readonly books: BookStream[]
  readonly trades: TradeStream[]
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

/** Channels that the venue keeps for higher fee tiers. */
export const TIERED: ReadonlySet<string> = new Set(['books-l2-tbt', 'books50-l2-tbt'])

/** All public topics (`channel:instId`): made when first asked for, at rest while nobody listens. */
export class PublicHub {
  readonly #parts: PublicHubParts
  readonly #symbols = new Map<string, Streams>()
  readonly #channels = new Map<string, TopicChannel>()
  readonly #stopListening: () => void

  constructor(parts: PublicHubParts) {
    this.#parts = parts
    for (const listing of parts.listings.all) this.#symbols.set(listing.symbol, { books: [], trades: [], candles: [] })
    this.#stopListening = parts.exchange.listen({
      onBookChanged: (symbol) => {
        for (const book of this.#symbols.get(symbol)?.books ?? []) book.changed()
      },
      onTrade: (trade) => {
        for (const stream of this.#symbols.get(trade.symbol)?.trades ?? []) stream.traded(trade)
      },
      onCandle: (symbol, _candle, closed) => {
        if (closed) for (const stream of this.#symbols.get(symbol)?.candles ?? []) stream.closed()
      },
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
    const parts = { ...this.#parts, publish }
    if (channel === 'instruments') {
      if (instId !== '') return null
      return new StateStream(topic, '{"channel":"instruments","instType":"SWAP"}', 60_000, Number.POSITIVE_INFINITY, () => this.#instruments(), parts)
    }
    if (channel === 'index-tickers') {
      const listing = listings.all.find((one) => one.family === instId)
      return listing === undefined ? null : new StateStream(topic, argOf(channel, instId), 100, Number.POSITIVE_INFINITY, () => JSON.stringify(rows.index(listing)), parts)
    }
    const listing = listings.byInstId(instId)
    if (listing === undefined) return null
    const streams = this.#symbols.get(listing.symbol)!
    if (Object.hasOwn(bookKinds, channel)) return added(streams.books, new BookStream(listing, channel, 1_000_000 + random.below(100_000_000), random.next(), { ...parts, nowMs: this.#parts.venueMs }))
    if (channel === 'trades' || channel === 'trades-all') return added(streams.trades, new TradeStream(channel, listing, parts))
    if (channel.startsWith('candle')) return added(streams.candles, new CandleStream(channel.slice('candle'.length), listing, parts))
    const state = STATES[channel]!
    return new StateStream(topic, argOf(channel, instId), state.periodMs, state.repeatMs, () => JSON.stringify(rows[state.read](listing)), parts)
  }

  // One row per instrument in one frame.
  #instruments(): string {
    return this.#parts.listings.all.map((listing: Listing) => JSON.stringify(this.#parts.rows.instrument(listing))).join(',')
  }
}

function added<T>(list: T[], one: T): T {
  list.push(one)
  return one
}

const argOf = (channel: string, instId: string): string => `{"channel":"${channel}","instId":"${instId}"}`

/** @returns null for a channel that this venue does not have. */
export function serviceOf(channel: string): Service | null {
  if (Object.hasOwn(bookKinds, channel) || Object.hasOwn(STATES, channel) || ['trades', 'instruments', 'index-tickers'].includes(channel)) return 'public'
  if (channel === 'trades-all' || (channel.startsWith('candle') && Object.hasOwn(barMinutes, channel.slice('candle'.length)))) return 'business'
  return null
}
