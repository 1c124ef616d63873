import { BUY, SELL, sideName, type WallMs } from '../../core/index.ts'
import { numberText } from '../front/text.ts'
import { FUNDING_CAP } from '../front/funding-cap.ts'
import type { PriceCandle } from '../front/mark-history.ts'
import type { Candle, ContractStatus, ExchangePort, PublicLiquidation, PublicTrade } from '../port.ts'
import { tradeIdText } from './ids.ts'
import type { Listing } from './listing.ts'
import { levelText } from './book-stream.ts'
import type { Row } from './row.ts'

const STATES: Readonly<Record<ContractStatus, string>> = { PreLaunch: 'preopen', Trading: 'live', Suspended: 'suspend', Closed: 'expired' }

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

interface DayOpens {
  minute: number
  utc0: string
  utc8: string
}

/** Market data in the words of the wire; streams and REST share them. */
export class MarketRows {
  readonly #exchange: ExchangePort
  readonly #nowMs: () => WallMs
  readonly #opens = new Map<string, DayOpens>()

  constructor(exchange: ExchangePort, nowMs: () => WallMs) {
    this.#exchange = exchange
    this.#nowMs = nowMs
  }

  instrument(listing: Listing): Row {
    const { contract, size } = listing
    const limit = size.of(contract.maxLots)
    const market = size.of(contract.maxMarketLots)
    return {
      alias: '', auctionEndTime: '', baseCcy: '', category: '1', contTdSwTime: '', ctMult: '1', ctType: 'linear', ctVal: listing.ctVal.toFixed(), ctValCcy: contract.baseCoin,
      expTime: '', futureSettlement: false, groupId: '1', instFamily: listing.family, instId: listing.instId, instIdCode: listing.code, instType: 'SWAP',
      lever: String(contract.maxLeverage), listTime: String(contract.launchMs), lotSz: size.of(contract.lotSteps), maxIcebergSz: limit, maxLmtAmt: '20000000', maxLmtSz: limit,
      maxMktAmt: '', maxMktSz: market, maxPlatOILmt: '', maxStopSz: market, maxTriggerSz: limit, maxTwapSz: limit, minSz: size.of(contract.minLots), openType: '',
      optType: '', posLmtAmt: '', posLmtPct: '', preMktSwTime: '', quoteCcy: '', ruleType: 'normal', settleCcy: contract.quoteCoin, state: STATES[contract.status], stk: '',
      tickSz: listing.price.of(contract.tickSteps), tradeQuoteCcyList: [], uly: listing.family, upcChg: upcoming(listing),
    }
  }

  ticker(listing: Listing): Row {
    const { price, size } = listing
    const summary = this.#exchange.summary(listing.symbol)
    const last = this.#exchange.recentTrades(listing.symbol, 1)[0]
    const opens = this.#dayOpens(listing)
    return {
      instType: 'SWAP',
      instId: listing.instId,
      last: this.#shown(listing, summary.lastTicks),
      lastSz: last === undefined ? '' : size.of(last.lots),
      askPx: summary.askLots > 0 ? price.of(summary.askTicks) : '',
      askSz: summary.askLots > 0 ? size.of(summary.askLots) : '',
      bidPx: summary.bidLots > 0 ? price.of(summary.bidTicks) : '',
      bidSz: summary.bidLots > 0 ? size.of(summary.bidLots) : '',
      open24h: this.#shown(listing, summary.open24hTicks),
      high24h: this.#shown(listing, summary.high24hTicks),
      low24h: this.#shown(listing, summary.low24hTicks),
      sodUtc0: opens.utc0,
      sodUtc8: opens.utc8,
      volCcy24h: listing.coins.of(summary.volume24hLots),
      vol24h: size.of(summary.volume24hLots),
      ts: this.#now(),
    }
  }

  mark(listing: Listing): Row {
    return { instType: 'SWAP', instId: listing.instId, markPx: listing.price.near(this.#exchange.summary(listing.symbol).markPrice), ts: this.#now() }
  }

  index(listing: Listing): Row {
    const summary = this.#exchange.summary(listing.symbol)
    const opens = this.#dayOpens(listing)
    return {
      instId: listing.family,
      idxPx: listing.price.near(summary.indexPrice),
      open24h: this.#shown(listing, summary.open24hTicks),
      high24h: this.#shown(listing, summary.high24hTicks),
      low24h: this.#shown(listing, summary.low24hTicks),
      sodUtc0: opens.utc0,
      sodUtc8: opens.utc8,
      ts: this.#now(),
    }
  }

  funding(listing: Listing): Row {
    const summary = this.#exchange.summary(listing.symbol)
    const settled = this.#exchange.fundingHistory(listing.symbol, 1)[0]
    return {
      formulaType: 'noRate',
      fundingRate: numberText(summary.fundingRate, 10),
      fundingTime: String(summary.nextFundingMs),
      impactValue: '',
      instId: listing.instId,
      instType: 'SWAP',
      interestRate: '',
      maxFundingRate: FUNDING_CAP,
      method: 'current_period',
      minFundingRate: `-${FUNDING_CAP}`,
      nextFundingRate: '',
      nextFundingTime: String(summary.nextFundingMs + listing.contract.fundingIntervalMin * 60_000),
      premium: summary.indexPrice > 0 ? numberText(summary.markPrice / summary.indexPrice - 1, 10) : '',
      settFundingRate: settled === undefined ? '' : numberText(settled.rate, 10),
      settState: 'settled',
      ts: this.#now(),
    }
  }

  priceLimit(listing: Listing): Row {
    const { highestBuyTicks, lowestSellTicks } = this.#exchange.priceBand(listing.symbol)
    return {
      instType: 'SWAP',
      instId: listing.instId,
      buyLmt: listing.price.of(highestBuyTicks),
      sellLmt: listing.price.of(lowestSellTicks),
      ts: this.#now(),
      enabled: true,
    }
  }

  openInterest(listing: Listing): Row {
    const summary = this.#exchange.summary(listing.symbol)
    const lots = summary.openInterestLots
    return {
      instType: 'SWAP',
      instId: listing.instId,
      oi: listing.size.of(lots),
      oiCcy: listing.coins.of(lots),
      oiUsd: numberText(listing.contract.lot.toNumber(lots) * summary.markPrice, 4),
      ts: this.#now(),
    }
  }

  /** `[ts, o, h, l, c, confirm]` of a mark or index price. */
  priceCandle(listing: Listing, candle: PriceCandle, minutes: number): readonly string[] {
    const text = (value: number): string => listing.price.near(value)
    return [String(candle.startMs), text(candle.open), text(candle.high), text(candle.low), text(candle.close), this.#nowMs() >= candle.startMs + minutes * 60_000 ? '1' : '0']
  }

  /** Someone's position was taken over. */
  liquidation(listing: Listing, one: PublicLiquidation): Row {
    const long = one.positionSide === BUY
    return {
      details: [{ bkLoss: '0', bkPx: listing.price.of(one.priceTicks), ccy: '', posSide: long ? 'long' : 'short', side: long ? 'sell' : 'buy', sz: listing.size.of(one.lots), ts: String(one.timeMs) }],
      instFamily: listing.family, instId: listing.instId, instType: 'SWAP', uly: listing.family,
    }
  }

  /** A trade as the `trades-all` stream says it. */
  everyTrade(listing: Listing, trade: PublicTrade): string {
    return `{"instId":"${listing.instId}","tradeId":${JSON.stringify(tradeIdText(trade.tradeId))},"px":"${listing.price.of(trade.priceTicks)}","sz":"${listing.size.of(trade.lots)}","side":"${sideName(trade.side).toLowerCase()}","source":"0","ts":"${trade.timeMs}"}`
  }

  /** A trade as the `trades` stream says it; each stands for itself, none is aggregated. */
  trade(listing: Listing, trade: PublicTrade): string {
    return `{"instId":"${listing.instId}","tradeId":${JSON.stringify(tradeIdText(trade.tradeId))},"px":"${listing.price.of(trade.priceTicks)}","sz":"${listing.size.of(trade.lots)}","side":"${sideName(trade.side).toLowerCase()}","ts":"${trade.timeMs}","count":"1","source":"0","seqId":${trade.sequence}}`
  }

  restTrade(listing: Listing, trade: PublicTrade): Row {
    return {
      instId: listing.instId, side: sideName(trade.side).toLowerCase(), sz: listing.size.of(trade.lots), source: '0', px: listing.price.of(trade.priceTicks),
      tradeId: tradeIdText(trade.tradeId), ts: String(trade.timeMs),
    }
  }

  /** `[ts, o, h, l, c, contracts, coins, quote, confirm]`. */
  candle(listing: Listing, candle: Candle, minutes: number): readonly string[] {
    const { price } = listing
    return [
      String(candle.startMs), price.of(candle.openTicks), price.of(candle.highTicks), price.of(candle.lowTicks), price.of(candle.closeTicks),
      listing.size.of(candle.lots), listing.coins.of(candle.lots), numberText(candle.turnover, 8), this.#nowMs() >= candle.startMs + minutes * 60_000 ? '1' : '0',
    ]
  }

  /** The book as REST gives it, as JSON text. */
  book(listing: Listing, depth: number): Row {
    const ticks = new Float64Array(depth)
    const lots = new Float64Array(depth)
    const side = (which: 0 | 1): unknown => {
      const count = this.#exchange.levels(listing.symbol, which, depth, ticks, lots)
      const levels: string[] = []
      for (let i = 0; i < count; i++) levels.push(levelText(listing, ticks[i]!, lots[i]!))
      return JSON.parse(`[${levels.join(',')}]`)
    }
    return { asks: side(SELL), bids: side(BUY), ts: this.#now(), seqId: this.#exchange.sequence(listing.symbol) }
  }

  #now(): string {
    return String(this.#nowMs())
  }

  // Before the first trade there is no high and no low.
  #shown(listing: Listing, ticks: number): string {
    return ticks > 0 && ticks < Number.MAX_SAFE_INTEGER ? listing.price.of(ticks) : ''
  }

  // Candles of a day are looked at once a minute, not ten times a second.
  #dayOpens(listing: Listing): DayOpens {
    const now = this.#nowMs()
    const minute = Math.floor(now / 60_000)
    let opens = this.#opens.get(listing.symbol)
    if (opens !== undefined && opens.minute === minute) return opens
    const candles = this.#exchange.candles(listing.symbol, 60, 25)
    const openAt = (startMs: number): string => {
      const candle = candles.find((one) => one.startMs >= startMs)
      return candle === undefined ? '' : this.#shown(listing, candle.openTicks)
    }
    const day0 = now - (now % DAY_MS)
    const day8 = now - ((now + 8 * HOUR_MS) % DAY_MS)
    opens = { minute, utc0: openAt(day0), utc8: openAt(day8) }
    this.#opens.set(listing.symbol, opens)
    return opens
  }
}

/** What is announced and not in force yet, parameter by parameter. */
function upcoming(listing: Listing): readonly Row[] {
  const { upcoming: announced } = listing.contract
  if (announced === null) return []
  const { change, atMs } = announced
  const rows: Row[] = []
  const say = (param: string, newValue: string): void => void rows.push({ param, newValue, effTime: String(atMs) })
  if (change.tickSteps !== undefined) say('tickSz', listing.price.of(change.tickSteps))
  if (change.minLots !== undefined) say('minSz', listing.size.of(change.minLots))
  if (change.maxMarketLots !== undefined) say('maxMktSz', listing.size.of(change.maxMarketLots))
  return rows
}
