import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import { bookPeriodMs, BookStream } from './book-stream.ts'
import type { FaultPlan } from '../front/faults.ts'
import { klineMinutes, KlineStream } from './kline-stream.ts'
import type { FrontCounters } from '../front/counters.ts'
import { PriceLimitStream } from './price-limit-stream.ts'
import { TickDirections } from './tick-direction.ts'
import { TickerStream } from './ticker-stream.ts'
import { TopicChannel, type TopicStream } from '../front/topic.ts'
import { LiquidationStream, TradeStream } from './trade-stream.ts'

export interface PublicHubParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly faults: FaultPlan
  readonly counters: FrontCounters
  readonly nowMs: () => WallMs
  /** The venue's clock, skew included: what book messages are stamped with. */
  readonly venueMs: () => WallMs
}

interface SymbolStreams {
  readonly contract: Contract
  readonly directions: TickDirections
  readonly books: BookStream[]
  readonly klines: KlineStream[]
  trades: TradeStream | null
  liquidations: LiquidationStream | null
}

/** All public topics: made when first asked for, at rest while nobody listens. */
export class PublicHub {
  readonly #parts: PublicHubParts
  readonly #symbols = new Map<string, SymbolStreams>()
  readonly #channels = new Map<string, TopicChannel>()
  readonly #stopListening: () => void

  constructor(parts: PublicHubParts) {
    this.#parts = parts
    for (const contract of parts.exchange.contracts) this.#streams(contract)
    this.#stopListening = parts.exchange.listen({
      onBookChanged: (symbol) => {
        const streams = this.#symbols.get(symbol)
        if (streams !== undefined) for (const book of streams.books) book.changed()
      },
      onTrade: (trade) => {
        const streams = this.#symbols.get(trade.symbol)
        if (streams === undefined) return
        const direction = streams.directions.next(trade.priceTicks)
        streams.trades?.traded(trade, direction)
      },
      onCandle: (symbol, _candle, closed) => {
        if (closed) for (const kline of this.#symbols.get(symbol)?.klines ?? []) kline.closed()
      },
      onLiquidation: (liquidation) => this.#symbols.get(liquidation.symbol)?.liquidations?.liquidated(liquidation),
      onSeam: (symbol) => {
        for (const book of this.#symbols.get(symbol)?.books ?? []) book.renew(false)
      },
    })
  }

  close(): void {
    this.#stopListening()
    for (const channel of this.#channels.values()) channel.stream.stop()
  }

  /** @returns null for a topic that this venue does not have. */
  channel(topic: string): TopicChannel | null {
    const known = this.#channels.get(topic)
    if (known !== undefined) return known
    const stream = this.#make(topic)
    if (stream === null) return null
    const channel = new TopicChannel(stream, this.#parts.faults)
    this.#channels.set(topic, channel)
    return channel
  }

  directions(symbol: string): TickDirections {
    const contract = this.#parts.exchange.contract(symbol)
    return contract === undefined ? new TickDirections() : this.#streams(contract).directions
  }

  wake(topic: string): void {
    this.#channels.get(topic)?.stream.wake()
  }

  resnapshot(topic: string, restart: boolean): void {
    const stream = this.#channels.get(topic)?.stream
    if (stream instanceof BookStream) stream.renew(restart)
  }

  #make(topic: string): TopicStream | null {
    const part = topic.split('.')
    const symbol = part[part.length - 1]!
    const contract = this.#parts.exchange.contract(symbol)
    if (contract === undefined) return null
    const streams = this.#streams(contract)
    const publish = (frame: string): void => {
      this.#parts.counters.framesBuilt++
      this.#channels.get(topic)?.publish(frame)
    }
    const parts = { ...this.#parts, publish }
    if (part.length === 2 && part[0] === 'publicTrade') return (streams.trades = new TradeStream(contract, parts))
    if (part.length === 2 && part[0] === 'allLiquidation') return (streams.liquidations = new LiquidationStream(contract, parts))
    if (part.length === 2 && part[0] === 'priceLimit') return new PriceLimitStream(contract, parts)
    if (part.length === 2 && part[0] === 'tickers') return new TickerStream(contract, { ...parts, directions: streams.directions })
    if (part.length === 3 && part[0] === 'orderbook' && Object.hasOwn(bookPeriodMs, part[1]!)) {
      const { random } = this.#parts
      const book = new BookStream(contract, Number(part[1]), 1_000_000 + random.below(100_000_000), random.next(), { ...parts, nowMs: this.#parts.venueMs })
      streams.books.push(book)
      return book
    }
    if (part.length === 3 && part[0] === 'kline' && Object.hasOwn(klineMinutes, part[1]!)) {
      const kline = new KlineStream(contract, part[1]!, parts)
      streams.klines.push(kline)
      return kline
    }
    return null
  }

  #streams(contract: Contract): SymbolStreams {
    let streams = this.#symbols.get(contract.symbol)
    if (streams === undefined) {
      streams = { contract, directions: new TickDirections(), books: [], klines: [], trades: null, liquidations: null }
      this.#symbols.set(contract.symbol, streams)
    }
    return streams
  }
}
