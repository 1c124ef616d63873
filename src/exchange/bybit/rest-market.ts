import { BUY, SELL, type WallMs } from '../../core/index.ts'
import type { Contract, ContractStatus, ExchangePort } from '../port.ts'
import { rules } from '../rules.ts'
import { refusals, refuse, wrong } from './codes.ts'
import { klineMinutes } from './kline-stream.ts'
import type { MarkHistory } from '../front/mark-history.ts'
import { contractOf } from './order-fields.ts'
import type { PublicHub } from './public-hub.ts'
import { page, type Query } from './query.ts'
import type { Row, Rows } from './rows.ts'
import { numberText } from '../front/text.ts'
import { TickerReader } from './ticker.ts'
import { FUNDING_CAP } from '../front/funding-cap.ts'

export interface RestMarketParts {
  readonly exchange: ExchangePort
  readonly rows: Rows
  readonly hub: PublicHub
  readonly marks: MarkHistory
  readonly nowMs: () => WallMs
}

/** Public REST queries. Each takes the parameters and gives `result`. */
export class RestMarket {
  readonly #parts: RestMarketParts
  readonly #tickers = new Map<string, TickerReader>()

  constructor(parts: RestMarketParts) {
    this.#parts = parts
  }

  time(venueMs: WallMs): Row {
    return { timeSecond: String(Math.floor(venueMs / 1000)), timeNano: `${venueMs}000000` }
  }

  instruments(query: Query): Row {
    query.linear()
    const status = query.text('status')
    const symbol = query.text('symbol')
    const baseCoin = query.text('baseCoin')
    if (symbol !== '') contractOf(this.#parts.exchange, symbol)
    // Without a status and a symbol only what trades is listed, as the venue does it.
    const shown = status !== '' ? status : symbol === '' ? 'Trading' : null
    const wanted = this.#parts.exchange.contracts.filter((one) => (symbol === '' || one.symbol === symbol) && (baseCoin === '' || one.baseCoin === baseCoin) && (shown === null || STATUS[one.status] === shown))
    const cut = page(wanted, query, 500, 1000, (one) => one.symbol)
    return { category: 'linear', list: cut.rows.map((one) => this.#instrument(one)), nextPageCursor: cut.nextPageCursor }
  }

  tickers(query: Query): Row {
    query.linear()
    const { exchange, hub } = this.#parts
    const wanted = query.has('symbol') ? [contractOf(exchange, query.text('symbol'))] : exchange.contracts
    const list = wanted.map((contract) => {
      const { tickDirection: _direction, ...ticker } = this.#ticker(contract).read(hub.directions(contract.symbol).current, this.#parts.nowMs())
      return { ...ticker, predictedDeliveryPrice: '', basisRate: '', basisRateYear: '', basis: '', deliveryFeeRate: '', deliveryTime: '0' }
    })
    return { category: 'linear', list }
  }

  orderbook(query: Query): Row {
    query.linear()
    const { exchange, rows } = this.#parts
    const contract = contractOf(exchange, query.text('symbol'))
    const depth = query.integer('limit', 25, 1, 1000)
    const { price, size } = rows.texts(contract)
    const ticks = new Float64Array(depth)
    const lots = new Float64Array(depth)
    const side = (which: 0 | 1): string[][] => {
      const count = exchange.levels(contract.symbol, which, depth, ticks, lots)
      return Array.from({ length: count }, (_, i) => [price.of(ticks[i]!), size.of(lots[i]!)])
    }
    const sequence = exchange.sequence(contract.symbol)
    // There is no counter that is shared with a stream nobody listens to: the cross sequence serves as update id.
    return { s: contract.symbol, a: side(SELL), b: side(BUY), ts: this.#parts.nowMs(), u: sequence, seq: sequence, cts: this.#parts.nowMs() }
  }

  kline(query: Query): Row {
    const contract = this.#contract(query)
    const minutes = intervalOf(query)
    const { price, size } = this.#parts.rows.texts(contract)
    const candles = this.#parts.exchange.candles(contract.symbol, minutes, 1000)
    const list = this.#window(candles, query).map((one) => [
      String(one.startMs), price.of(one.openTicks), price.of(one.highTicks), price.of(one.lowTicks), price.of(one.closeTicks), size.of(one.lots), numberText(one.turnover, 8),
    ])
    return { symbol: contract.symbol, category: 'linear', list }
  }

  markKline(query: Query, of: 'mark' | 'index'): Row {
    const contract = this.#contract(query)
    const { price } = this.#parts.rows.texts(contract)
    const candles = this.#parts.marks.candles(contract.symbol, of, intervalOf(query))
    const list = this.#window(candles, query).map((one) => [String(one.startMs), price.near(one.open), price.near(one.high), price.near(one.low), price.near(one.close)])
    return { symbol: contract.symbol, category: 'linear', list }
  }

  fundingHistory(query: Query): Row {
    const contract = this.#contract(query)
    if (query.has('startTime') && !query.has('endTime')) refuse(wrong('endTime is required with startTime'))
    const limit = query.integer('limit', 200, 1, 200)
    const from = query.integer('startTime', 0, 0, Number.MAX_SAFE_INTEGER)
    const to = query.integer('endTime', Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER)
    const list = [...this.#parts.exchange.fundingHistory(contract.symbol, 1000)]
      .filter((one) => one.timeMs >= from && one.timeMs <= to)
      .sort((a, b) => b.timeMs - a.timeMs)
      .slice(0, limit)
      .map((one) => ({ symbol: contract.symbol, fundingRate: numberText(one.rate, 8), fundingRateTimestamp: String(one.timeMs) }))
    return { category: 'linear', list }
  }

  recentTrades(query: Query): Row {
    const contract = this.#contract(query)
    const limit = query.integer('limit', 500, 1, 1000)
    const trades = [...this.#parts.exchange.recentTrades(contract.symbol, limit)].sort((a, b) => b.sequence - a.sequence)
    return { category: 'linear', list: trades.map((one) => this.#parts.rows.publicTrade(one)) }
  }

  /** Only the present figure: this venue keeps no history of it. */
  openInterest(query: Query): Row {
    const contract = this.#contract(query)
    const minutes: Readonly<Record<string, number>> = { '5min': 5, '15min': 15, '30min': 30, '1h': 60, '4h': 240, '1d': 1440 }
    const interval = query.text('intervalTime')
    if (!Object.hasOwn(minutes, interval)) refuse(wrong('intervalTime invalid'))
    const { size } = this.#parts.rows.texts(contract)
    const { openInterestLots } = this.#parts.exchange.summary(contract.symbol)
    const periodMs = minutes[interval]! * 60_000
    const row = { openInterest: size.of(openInterestLots), singleOpenInterest: size.of(Math.ceil(openInterestLots / 2)), timestamp: String(Math.floor(this.#parts.nowMs() / periodMs) * periodMs) }
    return { symbol: contract.symbol, category: 'linear', list: [row], nextPageCursor: '' }
  }

  priceLimit(query: Query): Row {
    const contract = this.#contract(query)
    const { price } = this.#parts.rows.texts(contract)
    const { highestBuyTicks, lowestSellTicks } = this.#parts.exchange.priceBand(contract.symbol)
    return {
      symbol: contract.symbol,
      buyLmt: price.of(highestBuyTicks),
      sellLmt: price.of(lowestSellTicks),
      ts: String(this.#parts.nowMs()),
    }
  }

  riskLimit(query: Query): Row {
    query.linear()
    const { exchange } = this.#parts
    const wanted = query.has('symbol') ? [contractOf(exchange, query.text('symbol'))] : exchange.contracts
    const cut = page(wanted, query, 15, 15, (one) => one.symbol)
    const list = cut.rows.map((one) => ({
      id: 1,
      symbol: one.symbol,
      riskLimitValue: (one.lot.toNumber(one.maxLots) * exchange.summary(one.symbol).markPrice).toFixed(0),
      maintenanceMargin: one.maintenanceRate,
      initialMargin: numberText(1 / one.maxLeverage, 8),
      isLowestRisk: 1,
      maxLeverage: one.maxLeverage.toFixed(2),
      mmDeduction: '',
    }))
    return { category: 'linear', list, nextPageCursor: cut.nextPageCursor }
  }

  #contract(query: Query): Contract {
    query.linear()
    if (!query.has('symbol')) refuse(refusals['unknown-symbol'])
    return contractOf(this.#parts.exchange, query.text('symbol'))
  }

  // Newest first, as the venue lists them.
  #window<T extends { readonly startMs: WallMs }>(candles: readonly T[], query: Query): T[] {
    const limit = query.integer('limit', 200, 1, 1000)
    const from = query.integer('start', 0, 0, Number.MAX_SAFE_INTEGER)
    const to = query.integer('end', Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER)
    return candles.filter((one) => one.startMs >= from && one.startMs <= to).sort((a, b) => b.startMs - a.startMs).slice(0, limit)
  }

  #ticker(contract: Contract): TickerReader {
    let reader = this.#tickers.get(contract.symbol)
    if (reader === undefined) this.#tickers.set(contract.symbol, (reader = new TickerReader(this.#parts.exchange, contract)))
    return reader
  }

  #instrument(contract: Contract): Row {
    const { price, size } = this.#parts.rows.texts(contract)
    const max = size.of(contract.maxLots)
    return {
      symbol: contract.symbol,
      symbolId: this.#parts.exchange.contracts.indexOf(contract) + 1,
      contractType: 'LinearPerpetual',
      status: STATUS[contract.status],
      baseCoin: contract.baseCoin,
      quoteCoin: contract.quoteCoin,
      launchTime: String(contract.launchMs),
      deliveryTime: contract.upcoming !== null && contract.upcoming.change.status === 'Closed' ? String(contract.upcoming.atMs) : '0',
      deliveryFeeRate: '',
      priceScale: String(price.of(1).split('.')[1]?.length ?? 0),
      leverageFilter: { minLeverage: '1', maxLeverage: contract.maxLeverage.toFixed(2), leverageStep: '0.01' },
      priceFilter: { minPrice: price.of(contract.tickSteps), maxPrice: price.of(Math.floor(rules.priceTicksMax / contract.tickSteps) * contract.tickSteps), tickSize: price.of(contract.tickSteps) },
      lotSizeFilter: {
        maxOrderQty: max,
        minOrderQty: size.of(contract.minLots),
        qtyStep: size.of(contract.lotSteps),
        postOnlyMaxOrderQty: max,
        maxMktOrderQty: size.of(contract.maxMarketLots),
        minNotionalValue: contract.minNotional,
      },
      unifiedMarginTrade: true,
      fundingInterval: contract.fundingIntervalMin,
      settleCoin: contract.quoteCoin,
      copyTrading: 'none',
      upperFundingRate: FUNDING_CAP,
      lowerFundingRate: `-${FUNDING_CAP}`,
      isPreListing: false,
      preListingInfo: null,
      riskParameters: { priceLimitRatioX: String(rules.priceBand), priceLimitRatioY: String(rules.priceBand) },
      symbolType: '',
    }
  }
}

/** The venue has no word for a listed contract that is halted: like one that does not trade yet, it may be traded later. */
const STATUS: Readonly<Record<ContractStatus, string>> = { Trading: 'Trading', PreLaunch: 'PreLaunch', Suspended: 'PreLaunch', Closed: 'Closed' }

function intervalOf(query: Query): number {
  const interval = query.text('interval')
  if (!Object.hasOwn(klineMinutes, interval)) refuse(wrong('interval invalid'))
  return klineMinutes[interval]!
}
