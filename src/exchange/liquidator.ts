import { BUY, SELL, type Clock, type Lots, type Money, type PriceTicks } from '../core/index.ts'
import { INSURANCE, type Account } from './accounts/account.ts'
import { positionMargin, walletOf, type MarkOf } from './accounts/margin.ts'
import type { PositionState } from './accounts/position.ts'
import { capOf } from './band.ts'
import type { Clearing } from './clearing.ts'
import type { Deleveraging } from './deleveraging.ts'
import type { Market } from './market/market.ts'
import { rules } from './rules.ts'

/**
 * Cross margin: when equity falls to the maintenance margin, every order is cancelled and every position is closed in the
 * book down to its bankruptcy price, at which nothing is left of its share of the equity. What the book does not take there
 * goes to the insurance fund at that price. The fund closes in the book and pays what that costs; what the book does not take
 * for `rules.adlAfterMs`, or all of it when the fund is used up, comes back from profitable opposite accounts.
 */
export class Liquidator {
  readonly #clock: Clock
  readonly #clearing: Clearing
  readonly #markets: ReadonlyMap<string, Market>
  readonly #markOf: MarkOf
  readonly #deleveraging: Deleveraging

  constructor(clock: Clock, clearing: Clearing, markets: ReadonlyMap<string, Market>, markOf: MarkOf, deleveraging: Deleveraging) {
    this.#clock = clock
    this.#clearing = clearing
    this.#markets = markets
    this.#markOf = markOf
    this.#deleveraging = deleveraging
  }

  /** Looks at every account, then at what the fund holds. */
  run(): void {
    for (const account of this.#clearing.accounts.all.values()) {
      if (account.name !== INSURANCE && this.#isDue(account)) this.liquidate(account)
    }
    const fund = this.#clearing.accounts.all.get(INSURANCE)
    if (fund !== undefined) for (const position of fund.positions.values()) this.#unload(fund, position)
  }

  /** Takes the account's positions away, due or not. */
  liquidate(account: Account): void {
    for (const record of account.open.values()) this.#clearing.end(record, 'liquidation')
    for (const record of account.waiting.values()) this.#clearing.end(record, 'liquidation')
    const { equity } = walletOf(account, this.#markOf)
    const held = [...account.positions.values()].filter((position) => position.signedLots !== 0 && this.#market(position).contract.status !== 'Closed')
    let total: Money | null = null
    for (const position of held) {
      const { value } = positionMargin(position, this.#market(position).mark.markTicks)
      total = total === null ? value : total.plus(value)
    }
    for (const position of held) {
      const market = this.#market(position)
      const { value } = positionMargin(position, market.mark.markTicks)
      this.#takeOver(account, position, market, bankruptcyTicks(position, market, equity.times(value).div(total!)))
    }
  }

  #market(position: PositionState): Market {
    return this.#markets.get(position.math.contract.symbol)!
  }

  #isDue(account: Account): boolean {
    let held = false
    for (const position of account.positions.values()) if (position.signedLots !== 0) held = true
    if (!held) return false
    const wallet = walletOf(account, this.#markOf)
    return wallet.equity.lte(wallet.maintenanceMargin)
  }

  #takeOver(account: Account, position: PositionState, market: Market, bust: PriceTicks): void {
    const { contract } = market
    const long = position.signedLots > 0
    const side = long ? SELL : BUY
    const lots = Math.abs(position.signedLots)
    const { leg } = position
    const record = this.#clearing.accept({
      account: account.name, client: '', symbol: contract.symbol, side, type: 'market', tif: 'IOC', reduceOnly: true, ticks: null, lots, origin: 'liquidation', ...(leg === 'net' ? {} : { leg }),
    })
    record.kind = 'Liquidation'
    const cap = capOf(market, side)
    // A suspended market has no book to close in.
    const left = contract.status === 'Trading' ? market.book.submit(record.owner, side, long ? Math.max(bust, cap) : Math.min(bust, cap), lots) : lots
    if (left > 0) {
      const fee = market.math.value(bust, left).times(market.math.taker)
      this.#clearing.execute(market, account, record, leg, 'Liquidation', side, bust, left, fee.toFixed(), contract.takerFeeRate, false)
      this.#clearing.execute(market, this.#clearing.account(INSURANCE), null, 'net', 'Liquidation', long ? BUY : SELL, bust, left, '0', '0', false)
    }
    this.#clearing.outbox.push({ kind: 'liquidation', liquidation: { symbol: contract.symbol, positionSide: long ? BUY : SELL, lots, priceTicks: bust, timeMs: this.#clock.wallMs() } })
  }

  /** The fund closes what it took over. */
  #unload(fund: Account, position: PositionState): void {
    if (position.signedLots === 0) return
    const market = this.#market(position)
    if (market.contract.status !== 'Trading' || market.mark.markTicks === 0) return
    const heldMs = this.#clock.wallMs() - position.openedMs
    const price = Math.max(1, Math.round(position.entryPrice.div(market.math.tickSize).toNumber()))
    if (walletOf(fund, this.#markOf).equity.gt(0)) {
      const side = position.signedLots > 0 ? SELL : BUY
      if (market.book.crosses(side, capOf(market, side))) {
        const record = this.#clearing.accept({ account: fund.name, client: '', symbol: market.contract.symbol, side, type: 'market', tif: 'IOC', reduceOnly: true, ticks: null, lots: Math.abs(position.signedLots), origin: 'liquidation' })
        if (market.book.submit(record.owner, side, capOf(market, side), record.lots) > 0) this.#clearing.end(record, 'no-liquidity')
      }
      if (position.signedLots === 0 || heldMs < rules.adlAfterMs) return
    }
    this.#deleveraging.cover(market, position, price)
  }
}

/**
 * The price at which closing the position, its taker fee paid, uses up `share` of the account's equity, in whole ticks and
 * rounded so that nothing below zero is left to the account:
 * long p = (mark·q − share) / (q·(1 − fee)), short p = (mark·q + share) / (q·(1 + fee)).
 */
export function bankruptcyTicks(position: PositionState, market: Market, share: Money): PriceTicks {
  const { math } = market
  const lots: Lots = Math.abs(position.signedLots)
  const long = position.signedLots > 0
  const value = math.value(market.mark.markTicks, lots)
  const perTick = math.value(1, lots)
  const exact = long ? value.minus(share).div(perTick.minus(perTick.times(math.taker))) : value.plus(share).div(perTick.plus(perTick.times(math.taker)))
  const ticks = long ? exact.ceil().toNumber() : exact.floor().toNumber()
  return Math.max(1, Math.min(rules.priceTicksMax, ticks))
}
