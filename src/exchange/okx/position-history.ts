import { money, ZERO, type Money, type WallMs } from '../../core/index.ts'
import { moneyText } from '../front/text.ts'
import type { Execution } from '../port.ts'
import { numberOf } from './ids.ts'
import type { Listing } from './listing.ts'
import type { Row } from './row.ts'

/** What one position came to, from its opening to the last reduction. */
class Past {
  readonly openedMs: WallMs
  readonly long: boolean
  updatedMs: WallMs
  held = 0
  most = 0
  openedLots = 0
  openedValue: Money = ZERO
  closedLots = 0
  closedValue: Money = ZERO
  pnl: Money = ZERO
  fee: Money = ZERO
  funding: Money = ZERO
  last: Execution['kind'] = 'Trade'

  constructor(openedMs: WallMs, long: boolean) {
    this.openedMs = openedMs
    this.updatedMs = openedMs
    this.long = long
  }
}

/**
 * Positions that were reduced or closed, newest change first, summed up from executions: the exchange keeps running
 * positions only.
 * @param executions of one account, one instrument and one leg, oldest first.
 */
export function pastPositions(executions: readonly Execution[], listing: Listing, lever: string): readonly Row[] {
  const pasts: Past[] = []
  let now: Past | null = null
  for (const one of executions) {
    if (one.kind === 'Funding') {
      if (now !== null) now.funding = now.funding.minus(one.fee)
      continue
    }
    const opened = one.lots - one.closedLots
    const unit = one.value.div(one.lots)
    if (one.closedLots > 0 && now !== null) {
      now.closedLots += one.closedLots
      now.closedValue = now.closedValue.plus(unit.times(one.closedLots))
      now.held -= one.closedLots
      now.pnl = now.pnl.plus(one.realisedPnl)
      now.fee = now.fee.minus(one.fee.times(one.closedLots).div(one.lots))
      now.updatedMs = one.timeMs
      now.last = one.kind
    }
    if (opened === 0) continue
    if (now === null || now.held === 0) {
      now = new Past(one.timeMs, one.side === 0)
      pasts.push(now)
    }
    now.openedLots += opened
    now.openedValue = now.openedValue.plus(unit.times(opened))
    now.held += opened
    now.most = Math.max(now.most, now.held)
    now.fee = now.fee.minus(one.fee.times(opened).div(one.lots))
  }
  return pasts.filter((one) => one.closedLots > 0).map((one) => row(one, executions[0]!, listing, lever)).reverse()
}

function row(past: Past, any: Execution, listing: Listing, lever: string): Row {
  const average = (value: Money, lots: number): Money => value.div(listing.coins.of(lots))
  const realised = past.pnl.plus(past.fee).plus(past.funding)
  const cost = past.openedValue.div(lever)
  const closed = past.held === 0
  const hedge = any.leg !== 'net'
  return {
    cTime: String(past.openedMs), ccy: listing.contract.quoteCoin, closeAvgPx: moneyText(average(past.closedValue, past.closedLots), 12), closeTotalPos: listing.size.of(past.closedLots),
    direction: past.long ? 'long' : 'short', fee: moneyText(past.fee, 12), fundingFee: moneyText(past.funding, 12), instId: listing.instId, instType: 'SWAP', lever, liqPenalty: '0', mgnMode: 'cross',
    nonSettleAvgPx: '', openAvgPx: moneyText(average(past.openedValue, past.openedLots), 12), openMaxPos: listing.size.of(past.most), pnl: moneyText(past.pnl, 12),
    pnlRatio: cost.isZero() ? '0' : moneyText(money(realised).div(cost), 12), posId: numberOf(`${any.account} ${listing.instId} ${any.leg} ${past.openedMs}`), posSide: hedge ? any.leg : 'net', realizedPnl: moneyText(realised, 12),
    settledPnl: '', triggerPx: '', type: past.last === 'Adl' ? '5' : past.last === 'Liquidation' ? (closed ? '3' : '4') : closed ? '2' : '1', uTime: String(past.updatedMs), uly: listing.family,
  }
}
