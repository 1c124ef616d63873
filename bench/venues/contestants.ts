import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import ccxt from 'ccxt'
import { BUY, type DecimalStep, fail, type Instrument, type Side } from '../../src/core/index.ts'
import { BOOK_OK, BOOK_RESULTS, OrderBook } from '../../src/market/index.ts'
import { type BookUpdate, bybitUrlsAt, createBybitVenue, createOkxVenue, type FeedState, type MarketHandler, okxUrlsAt } from '../../src/venues/index.ts'
import { Wire } from './wire.ts'

export type PriceAndSize = readonly [price: number, size: number]

/** One book of one venue. */
export interface Course {
  readonly venue: 'bybit' | 'okx'
  readonly instrument: Instrument
  readonly depth: number
  /** Step of the sizes in its frames: lots on Bybit, contracts on OKX. */
  readonly sizes: DecimalStep
  /** Base coin of one contract, decimal text: OKX only. */
  readonly contractValue: string
}

/** Bytes in, top of book out. Sizes are as the venue writes them. */
export interface Contestant {
  readonly name: string
  /** Takes one frame and answers best bid + best ask, in the contestant's own unit. */
  readonly take: (frame: Buffer) => number
  /** Up to `count` best levels of a side, as numbers. */
  readonly top: (side: Side, count: number) => readonly PriceAndSize[]
}

/** The adapter of the venue and the order book behind it: every check of the feed, whole ticks and lots. */
export async function ours(course: Course): Promise<Contestant> {
  const { venue, instrument, depth, sizes } = course
  const wire = new Wire([contractRow(course)])
  const book = OrderBook.create({ capacity: 4096 })
  const ignore = (): void => {}
  const handler: MarketHandler = {
    onBook: (update: BookUpdate) => {
      const result = book.apply(update)
      if (result !== BOOK_OK) fail('RM_ASSERT', { what: `update ${update.updateId} is applied (${BOOK_RESULTS[result]})` })
    },
    onTrades: ignore, onTicker: ignore, onKline: ignore, onLiquidation: ignore, onPriceLimits: ignore, onFunding: ignore, onInstrument: ignore,
    onFeed: (state: FeedState, reason: string) => {
      if (state === 'down') fail('RM_ASSERT', { what: `the feed stays up (${reason})` })
    },
    onBadFrame: (error) => {
      throw error
    },
  }
  const parts = { ...wire.services, credentials: null }
  const adapter =
    venue === 'bybit'
      ? createBybitVenue({ ...parts, urls: bybitUrlsAt('wire.invalid', 80), settings: { bookDepth: depth as 50 | 200 | 1000, klineIntervals: [] } })
      : createOkxVenue({ ...parts, urls: okxUrlsAt('wire.invalid', 80), settings: { klineIntervals: [] } })
  adapter.feed(instrument).start(handler)
  for (let turns = 0; turns < 20; turns++) await turn()
  const ticks = new Float64Array(depth)
  const lots = new Float64Array(depth)
  return {
    name: 'ringmaster',
    take: (frame) => {
      wire.deliver(frame)
      return book.bestBid + book.bestAsk
    },
    top: (side, count) =>
      Array.from({ length: book.copyTop(side, count, ticks, lots) }, (_, i) => [Number(instrument.tick.format(ticks[i]!)), Number(sizes.format(lots[i]!))]),
  }
}

/** Row of the instruments list of OKX. */
function contractRow({ instrument: { baseCoin, quoteCoin, tick }, sizes, contractValue }: Course): unknown {
  return {
    instType: 'SWAP', instId: `${baseCoin}-${quoteCoin}-SWAP`, ctType: 'linear', ctVal: contractValue, ctMult: '1', ctValCcy: baseCoin, settleCcy: quoteCoin,
    lotSz: sizes.text, minSz: '1', tickSz: tick.text, maxLmtSz: '1000000', maxMktSz: '10000', lever: '100', state: 'live', instIdCode: 10459,
  }
}

interface CcxtBook {
  readonly bids: readonly PriceAndSize[]
  readonly asks: readonly PriceAndSize[]
}
interface CcxtClient {
  readonly subscriptions: Record<string, unknown>
  onMessage(event: { readonly data: Buffer }): void
}
interface CcxtExchange {
  readonly orderbooks: Record<string, CcxtBook | undefined>
  client(url: string): CcxtClient
  setMarkets(markets: readonly unknown[]): unknown
}

/** ccxt.pro from where its socket hands a message over: text, JSON, dispatch, its own book. Nobody waits for the promise. */
export function ccxtPro({ venue, instrument: { symbol, baseCoin, quoteCoin } }: Course): Contestant {
  const exchange = new ccxt.pro[venue]() as unknown as CcxtExchange
  const unified = `${baseCoin}/${quoteCoin}:${quoteCoin}`
  exchange.setMarkets([{
    id: venue === 'bybit' ? symbol : `${baseCoin}-${quoteCoin}-SWAP`, symbol: unified, base: baseCoin, quote: quoteCoin, settle: quoteCoin, baseId: baseCoin, quoteId: quoteCoin, settleId: quoteCoin,
    type: 'swap', spot: false, margin: false, swap: true, future: false, option: false, active: true, contract: true, linear: true, inverse: false, contractSize: 1,
    precision: { price: 0.1, amount: 0.001 }, limits: {},
  }])
  const client = exchange.client(venue === 'bybit' ? 'wss://stream.bybit.com/v5/public/linear' : 'wss://ws.okx.com:8443/ws/v5/public')
  client.subscriptions[`books:${unified}`] = true
  const event: { data: Buffer } = { data: Buffer.alloc(0) }
  const book = (): CcxtBook => exchange.orderbooks[unified] ?? fail('RM_ASSERT', { what: `ccxt has a book of ${unified}` })
  return {
    name: 'ccxt',
    take: (frame) => {
      event.data = frame
      client.onMessage(event)
      const { bids, asks } = book()
      return bids[0]![0] + asks[0]![0]
    },
    top: (side, count) => (side === BUY ? book().bids : book().asks).slice(0, count).map(([price, size]) => [price, size]),
  }
}

interface TardisLevel {
  readonly price: number
  readonly amount: number
}
interface TardisBook {
  update(change: unknown): void
  bestBid(): TardisLevel | undefined
  bestAsk(): TardisLevel | undefined
  bids(): Iterable<TardisLevel>
  asks(): Iterable<TardisLevel>
}
interface TardisMapper {
  canHandle(message: unknown): boolean
  map(message: unknown, localTimestamp: Date): Iterable<unknown>
}
const load = createRequire(import.meta.url)
const { OrderBook: TardisOrderBook } = load('tardis-dev') as { OrderBook: new () => TardisBook }
const { BybitV5BookChangeMapper } = load('tardis-dev/dist/mappers/bybit') as { BybitV5BookChangeMapper: new (exchange: string, depth: number) => TardisMapper }
const { OkexV5BookChangeMapper } = load('tardis-dev/dist/mappers/okex') as { OkexV5BookChangeMapper: new (exchange: string, publicBooks: boolean) => TardisMapper }

/** tardis-dev as its real-time feed runs: JSON, the mapper of the venue, its order book. */
export function tardis({ venue, depth }: Course): Contestant {
  const mapper = venue === 'bybit' ? new BybitV5BookChangeMapper('bybit', depth) : new OkexV5BookChangeMapper('okex-swap', true)
  const book = new TardisOrderBook()
  return {
    name: 'tardis-dev',
    take: (frame) => {
      const message = JSON.parse(frame as unknown as string) as unknown
      if (mapper.canHandle(message)) for (const change of mapper.map(message, new Date())) book.update(change)
      return (book.bestBid()?.price ?? Number.NaN) + (book.bestAsk()?.price ?? Number.NaN)
    },
    top: (side, count) => [...(side === BUY ? book.bids() : book.asks())].slice(0, count).map(({ price, amount }) => [price, amount]),
  }
}
