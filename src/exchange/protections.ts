import { BUY, opposite, SELL, type Lots, type PriceTicks, type Side } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import type { PositionState } from './accounts/position.ts'
import type { Clearing, PositionFollower } from './clearing.ts'
import type { Market } from './market/market.ts'
import type { Leg, PriceSource, Protection, ProtectionChange, ProtectionPrice, StopKind, Trail } from './port.ts'
import { refused, type Refused } from './refused.ts'
import { rules } from './rules.ts'
import { followed, priceOf } from './trail.ts'

type Pair = 'take-profit' | 'stop-loss'
const PAIR: readonly Pair[] = ['take-profit', 'stop-loss']

/**
 * Take-profit, stop-loss and trailing orders of positions: conditional orders that only reduce. Full ones take the whole
 * position as it is when they fire, one of each kind per position; partial ones have a size and come in pairs of which the
 * first to fire ends the other. All of them end with the position.
 */
export class Protections implements PositionFollower {
  readonly #clearing: Clearing
  readonly #markets: ReadonlyMap<string, Market>

  constructor(clearing: Clearing, markets: ReadonlyMap<string, Market>) {
    this.#clearing = clearing
    this.#markets = markets
  }

  follow(account: Account, position: PositionState): void {
    for (const record of account.waiting.values()) {
      if (this.#guards(record, position) && position.closable(record.side) === 0) this.#clearing.end(record, 'position-closed')
    }
  }

  opened(account: Account, record: OrderRecord, lots: Lots): void {
    const market = this.#markets.get(record.symbol)!
    const position = account.position(market.math, this.#clearing.accounts.leverageOf(market.math), record.leg)
    const closing = opposite(record.side)
    // Another fill of the same command may have closed it again.
    if (position.closable(closing) === 0) return
    const protection = record.protection!
    for (const kind of PAIR) {
      const price = kind === 'take-profit' ? protection.takeProfit : protection.stopLoss
      if (price === null) continue
      if (protection.mode === 'full') this.#full(account, market, position, kind, price, record.clientId)
      else this.#grow(account, market, position, kind, price, lots, record)
    }
  }

  /** Changes what protects an open position. @returns why not, or null. */
  set(account: Account, market: Market, position: PositionState, change: ProtectionChange): Refused | null {
    const { symbol } = market.contract
    if (position.signedLots === 0) return refused('protection-no-position', `${account.name} has no position in ${symbol} to protect`)
    const problem = this.#checkChange(account, market, position, change)
    if (problem !== null) return problem
    return (change.mode === 'full' ? this.#setFull(account, market, position, change) : this.#setPartial(account, market, position, change))
      ? null : refused('protection-unchanged', `the protection of ${symbol} is like that already`)
  }

  #checkChange(account: Account, market: Market, position: PositionState, change: ProtectionChange): Refused | null {
    const long = position.signedLots > 0
    const side = long ? BUY : SELL
    for (const kind of PAIR) {
      const price = kind === 'take-profit' ? change.takeProfit : change.stopLoss
      if (price === undefined || price === null) continue
      const problem = checkSide(market, side, kind, price, priceOf(market, price.by))
      if (problem !== null) return problem
    }
    if (change.trailing !== undefined && change.trailing !== null) {
      const { trail, by } = change.trailing
      const problem = checkTrail(market, side, trail, priceOf(market, by))
      if (problem !== null) return problem
    }
    if (change.mode === 'full' || (!change.takeProfit && !change.stopLoss)) return null
    const lots = change.lots ?? 0
    if (!Number.isSafeInteger(lots) || lots < 1 || lots % market.contract.lotSteps !== 0 || lots > Math.abs(position.signedLots)) {
      return refused('bad-size', `${lots} lots to protect of a position of ${position.signedLots}`)
    }
    let waiting = 0
    for (const record of account.waiting.values()) if (record.symbol === market.contract.symbol && record.trigger!.kind.startsWith('partial-')) waiting++
    return waiting + (change.takeProfit ? 1 : 0) + (change.stopLoss ? 1 : 0) > rules.partialStopsMax
      ? refused('too-many-triggers', `${waiting} partial stops on ${market.contract.symbol}, ${rules.partialStopsMax} allowed`) : null
  }

  #setFull(account: Account, market: Market, position: PositionState, change: ProtectionChange): boolean {
    let changed = false
    for (const kind of PAIR) {
      const price = kind === 'take-profit' ? change.takeProfit : change.stopLoss
      if (price === undefined) continue
      const before = this.#find(account, position, kind)
      if (price === null) {
        if (before !== undefined) this.#clearing.end(before, 'user')
        changed ||= before !== undefined
      } else if (before === undefined || before.trigger!.ticks !== price.ticks || before.trigger!.by !== price.by) {
        this.#full(account, market, position, kind, price, '')
        changed = true
      }
    }
    return this.#setTrailing(account, market, position, change) || changed
  }

  #setPartial(account: Account, market: Market, position: PositionState, change: ProtectionChange): boolean {
    const group = `x${this.#clearing.accounts.orderLast + 1}`
    let changed = false
    for (const kind of PAIR) {
      const price = kind === 'take-profit' ? change.takeProfit : change.stopLoss
      if (price === undefined || price === null) continue
      this.#make(account, market, position, `partial-${kind}`, price, change.lots!, group, '')
      changed = true
    }
    return this.#setTrailing(account, market, position, change) || changed
  }

  #setTrailing(account: Account, market: Market, position: PositionState, change: ProtectionChange): boolean {
    if (change.trailing === undefined) return false
    const before = this.#find(account, position, 'trailing-stop')
    if (before !== undefined) this.#clearing.end(before, 'user')
    if (change.trailing === null) return before !== undefined
    const { trail, by } = change.trailing
    const rise = position.signedLots < 0
    this.#accept(account, market, position, 'trailing-stop', by, rise, followed(trail, rise, null, priceOf(market, by)), trail, null, 0, '', '')
    return true
  }

  /** Sets one of the pair for the whole position: the one there is moves, when only its price differs. */
  #full(account: Account, market: Market, position: PositionState, kind: Pair, price: ProtectionPrice, parent: string): void {
    const before = this.#find(account, position, kind)
    if (before !== undefined && before.trigger!.by === price.by) {
      if (before.trigger!.ticks !== price.ticks) this.#clearing.move(before, price.ticks)
      return
    }
    if (before !== undefined) this.#clearing.end(before, 'user')
    this.#make(account, market, position, kind, price, 0, '', parent)
  }

  /** The pair of an order grows with what the order opens. */
  #grow(account: Account, market: Market, position: PositionState, kind: Pair, price: ProtectionPrice, lots: Lots, parent: OrderRecord): void {
    const group = `p${parent.number}`
    for (const record of account.waiting.values()) {
      if (record.trigger!.group !== group || record.trigger!.kind !== `partial-${kind}`) continue
      this.#clearing.amend(record, record.priceTicks, record.lots + lots)
      return
    }
    this.#make(account, market, position, `partial-${kind}`, price, lots, group, parent.clientId)
  }

  #make(account: Account, market: Market, position: PositionState, kind: StopKind, price: ProtectionPrice, lots: Lots, group: string, parent: string): void {
    const rise = position.signedLots > 0 === kind.endsWith('take-profit')
    this.#accept(account, market, position, kind, price.by, rise, price.ticks, null, price.limitTicks, lots, group, parent)
  }

  #accept(account: Account, market: Market, position: PositionState, kind: StopKind, by: PriceSource, rise: boolean, ticks: PriceTicks | null, trail: Trail | null, limit: PriceTicks | null, lots: Lots, group: string, parent: string): void {
    this.#clearing.accept({
      account: account.name, client: '', symbol: market.contract.symbol, side: position.signedLots > 0 ? SELL : BUY, type: limit === null ? 'market' : 'limit',
      tif: limit === null ? 'IOC' : 'GTC', reduceOnly: true, ticks: limit, lots, ...(position.leg === 'net' ? {} : { leg: position.leg }), close: true, origin: 'protection',
      trigger: { kind, by, rise, ticks, trail, group, parent, whole: lots === 0, last: market.lastTicks },
    })
  }

  #find(account: Account, position: PositionState, kind: StopKind): OrderRecord | undefined {
    for (const record of account.waiting.values()) if (this.#guards(record, position) && record.trigger!.kind === kind) return record
    return undefined
  }

  #guards(record: OrderRecord, position: PositionState): boolean {
    return record.origin === 'protection' && record.leg === position.leg && record.symbol === position.math.contract.symbol
  }
}

/** Checks take profit and stop loss of a new order against the price at which it may open. @returns why not, or null. */
export function checkProtection(market: Market, side: Side, protection: Protection, ticks: PriceTicks): Refused | null {
  for (const kind of PAIR) {
    const price = kind === 'take-profit' ? protection.takeProfit : protection.stopLoss
    const problem = price === null ? null : checkSide(market, side, kind, price, ticks)
    if (problem !== null) return problem
  }
  return null
}

/** A take profit lies on the winning side of the price, a stop loss on the losing one. @param side of the position. */
function checkSide(market: Market, side: Side, kind: Pair, price: ProtectionPrice, reference: PriceTicks): Refused | null {
  const { tickSteps } = market.contract
  const off = (ticks: PriceTicks): boolean => !Number.isSafeInteger(ticks) || ticks < 1 || ticks > rules.priceTicksMax || ticks % tickSteps !== 0
  if (off(price.ticks) || (price.limitTicks !== null && off(price.limitTicks))) return refused('bad-price', `${kind} at ${price.ticks} ticks is off the grid`)
  const above = (side === BUY) === (kind === 'take-profit')
  if (above ? price.ticks <= reference : price.ticks >= reference) {
    return refused('protection-side', `${kind} at ${price.ticks} ticks must be ${above ? 'above' : 'below'} ${reference}`)
  }
  return null
}

/** @param side of the position. */
export function checkTrail(market: Market, side: Side, trail: Trail, reference: PriceTicks): Refused | null {
  const { distanceTicks, ratio, activeTicks } = trail
  const byDistance = distanceTicks !== null && Number.isSafeInteger(distanceTicks) && distanceTicks >= 1 && distanceTicks < reference && distanceTicks % market.contract.tickSteps === 0
  const byRatio = ratio !== null && /^0\.\d{1,8}$/.test(ratio) && Number(ratio) > 0
  if ((distanceTicks === null) === (ratio === null) || !(byDistance || byRatio)) return refused('bad-price', `a trailing stop of ${distanceTicks ?? ratio} at ${reference} ticks`)
  if (activeTicks !== null && (!Number.isSafeInteger(activeTicks) || activeTicks < 1 || activeTicks % market.contract.tickSteps !== 0)) return refused('bad-price', `activation at ${activeTicks} ticks is off the grid`)
  if (activeTicks !== null && (side === BUY ? activeTicks <= reference : activeTicks >= reference)) {
    return refused('protection-side', `activation at ${activeTicks} ticks must be ${side === BUY ? 'above' : 'below'} ${reference}`)
  }
  return null
}

/** Legs that a symbol has in a mode. */
export const legsOf = (hedge: boolean): readonly Leg[] => (hedge ? ['long', 'short'] : ['net'])
