import { BUY, SELL, type Lots, type PriceTicks, type Side } from '../core/index.ts'
import { INSURANCE, type Account } from './accounts/account.ts'
import { positionMargin, walletOf, type MarkOf } from './accounts/margin.ts'
import type { PositionState } from './accounts/position.ts'
import type { Clearing } from './clearing.ts'
import type { Market } from './market/market.ts'

interface Candidate {
  readonly account: Account
  readonly position: PositionState
  readonly score: number
}

/**
 * Auto-deleveraging: positions of accounts are closed against a position of the insurance fund, without fee and without the
 * book, in the order of profit ratio × effective leverage, as the venues rank.
 */
export class Deleveraging {
  readonly #clearing: Clearing
  readonly #markOf: MarkOf

  constructor(clearing: Clearing, markOf: MarkOf) {
    this.#clearing = clearing
    this.#markOf = markOf
  }

  /** Closes what the fund holds at `ticks`, with profitable opposite accounts only. @returns the lots that found nobody. */
  cover(market: Market, held: PositionState, ticks: PriceTicks): Lots {
    const candidates = this.#ranked(market, held.signedLots > 0 ? SELL : BUY).filter((one) => one.score > 0)
    return this.#reduce(market, candidates, Math.abs(held.signedLots), ticks)
  }

  /**
   * Operator: closes lots of positions of `positionSide` at `ticks`, first in the queue first, profitable or not; the fund
   * takes them over. @returns the lots that found nobody.
   */
  demand(market: Market, positionSide: Side, lots: Lots, ticks: PriceTicks): Lots {
    return this.#reduce(market, this.#ranked(market, positionSide), lots, ticks)
  }

  /** Place in the queue of its side, 5 first, 1 last; 0 when flat. */
  rank(market: Market, position: PositionState): number {
    if (position.signedLots === 0) return 0
    const ranked = this.#ranked(market, position.signedLots > 0 ? BUY : SELL)
    const index = ranked.findIndex((one) => one.position === position)
    return index < 0 ? 0 : 5 - Math.floor((index * 5) / ranked.length)
  }

  #reduce(market: Market, candidates: readonly Candidate[], wanted: Lots, ticks: PriceTicks): Lots {
    const { contract } = market
    const fund = this.#clearing.account(INSURANCE)
    let left = wanted
    for (const { account, position } of candidates) {
      if (left === 0) break
      const lots = Math.min(left, Math.abs(position.signedLots))
      const side = position.signedLots > 0 ? SELL : BUY
      for (const record of account.open.values()) if (record.symbol === contract.symbol && record.leg === position.leg) this.#clearing.end(record, 'adl')
      const { leg } = position
      const record = this.#clearing.accept({
        account: account.name, client: '', symbol: contract.symbol, side, type: 'market', tif: 'IOC', reduceOnly: true, ticks: null, lots, origin: 'adl', ...(leg === 'net' ? {} : { leg }),
      })
      this.#clearing.execute(market, account, record, leg, 'Adl', side, ticks, lots, '0', '0', false)
      this.#clearing.execute(market, fund, null, 'net', 'Adl', side === BUY ? SELL : BUY, ticks, lots, '0', '0', false)
      left -= lots
    }
    return left
  }

  /** Best first; equal ones in the order in which the accounts came into being. */
  #ranked(market: Market, positionSide: Side): Candidate[] {
    const found: Candidate[] = []
    for (const account of this.#clearing.accounts.all.values()) {
      if (account.name === INSURANCE) continue
      for (const position of account.positions.values()) {
        if (position.math !== market.math || position.signedLots === 0 || position.signedLots > 0 !== (positionSide === BUY)) continue
        found.push({ account, position, score: this.#score(account, position, market) })
      }
    }
    return found.sort((a, b) => b.score - a.score)
  }

  /** Profit ratio × effective leverage for a profit, ratio ÷ leverage for a loss. */
  #score(account: Account, position: PositionState, market: Market): number {
    const { unrealised, value } = positionMargin(position, market.mark.markTicks)
    const { equity } = walletOf(account, this.#markOf)
    const ratio = position.cost.isZero() ? 0 : unrealised.div(position.cost).toNumber()
    const leverage = equity.isPositive() && !equity.isZero() ? value.div(equity).toNumber() : Number.MAX_SAFE_INTEGER
    return ratio > 0 ? ratio * leverage : ratio / leverage
  }
}
