import { FUNDING_CAP } from '../front/funding-cap.ts'
import type { PriceTicks, WallMs } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import { numberText, StepText } from '../front/text.ts'
import type { TickDirection } from './tick-direction.ts'

/** All fields of a ticker, in the venue's words; stream and REST share them. */
export class TickerReader {
  readonly #exchange: ExchangePort
  readonly #contract: Contract
  readonly #price: StepText
  readonly #size: StepText
  #hourTicks: PriceTicks = 0
  #hourMinute = -1

  constructor(exchange: ExchangePort, contract: Contract) {
    this.#exchange = exchange
    this.#contract = contract
    this.#price = new StepText(contract.tick)
    this.#size = new StepText(contract.lot)
  }

  read(direction: TickDirection, nowMs: WallMs): Record<string, string> {
    const { symbol, lot } = this.#contract
    const summary = this.#exchange.summary(symbol)
    const open = summary.open24hTicks
    const interest = summary.openInterestLots
    const single = Math.ceil(interest / 2)
    return {
      symbol,
      tickDirection: direction,
      price24hPcnt: open > 0 ? numberText((summary.lastTicks - open) / open, 6) : '0',
      lastPrice: this.#shown(summary.lastTicks),
      prevPrice24h: this.#shown(open),
      highPrice24h: this.#shown(summary.high24hTicks),
      lowPrice24h: this.#shown(summary.low24hTicks),
      prevPrice1h: this.#shown(this.#hourAgo(nowMs, open)),
      markPrice: this.#price.near(summary.markPrice),
      indexPrice: this.#price.near(summary.indexPrice),
      openInterest: this.#size.of(interest),
      openInterestValue: (lot.toNumber(interest) * summary.markPrice).toFixed(2),
      singleOpenInterest: this.#size.of(single),
      singleOpenInterestValue: (lot.toNumber(single) * summary.markPrice).toFixed(2),
      turnover24h: summary.turnover24h.toFixed(4),
      volume24h: this.#size.of(summary.volume24hLots),
      fundingIntervalHour: numberText((this.#exchange.contract(symbol) ?? this.#contract).fundingIntervalMin / 60, 4),
      fundingCap: FUNDING_CAP,
      nextFundingTime: String(summary.nextFundingMs),
      fundingRate: numberText(summary.fundingRate, 8),
      bid1Price: summary.bidLots > 0 ? this.#price.of(summary.bidTicks) : '',
      bid1Size: summary.bidLots > 0 ? this.#size.of(summary.bidLots) : '0',
      ask1Price: summary.askLots > 0 ? this.#price.of(summary.askTicks) : '',
      ask1Size: summary.askLots > 0 ? this.#size.of(summary.askLots) : '0',
      preOpenPrice: '',
      preQty: '',
      curPreListingPhase: '',
    }
  }

  // Before the first trade there is no high and no low.
  #shown(ticks: PriceTicks): string {
    return ticks > 0 && ticks < Number.MAX_SAFE_INTEGER ? this.#price.of(ticks) : ''
  }

  // Sixty candles are looked at once a minute, not ten times a second.
  #hourAgo(nowMs: WallMs, otherwise: PriceTicks): PriceTicks {
    const minute = Math.floor(nowMs / 60_000)
    if (minute !== this.#hourMinute) {
      const candles = this.#exchange.candles(this.#contract.symbol, 1, 61)
      this.#hourMinute = minute
      this.#hourTicks = candles.length > 0 ? candles[0]!.openTicks : 0
    }
    return this.#hourTicks > 0 ? this.#hourTicks : otherwise
  }
}
