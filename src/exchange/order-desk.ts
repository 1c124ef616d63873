import { BUY, ZERO, type Lots, type Money, type PriceTicks, type Side } from '../core/index.ts'
import { closesLeg, LEGS, legKey, type Account } from './accounts/account.ts'
import { carries, walletOf, type MarkOf } from './accounts/margin.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import { bandOf, capOf, clampToBand } from './band.ts'
import type { Clearing } from './clearing.ts'
import { checkTrigger, checkTriggerPrice, triggerFactOf } from './conditional.ts'
import type { Market } from './market/market.ts'
import type { Answer, CancelReason, NewOrder, OrderChange, OrderKey, PositionMode } from './port.ts'
import { checkProtection } from './protections.ts'
import { refused, type Refused } from './refused.ts'
import { rules } from './rules.ts'

/** Order entry: checks a command in a fixed order, refuses it before anything happened, or carries it out against the book. */
export class OrderDesk {
  readonly #clearing: Clearing
  readonly #markOf: MarkOf
  /** Orders that are to be rejected after they were accepted, by account; null for anybody's. */
  readonly #rejections = new Map<string | null, number>()

  constructor(clearing: Clearing, markOf: MarkOf) {
    this.#clearing = clearing
    this.#markOf = markOf
  }

  place(account: Account, market: Market, asked: NewOrder): Answer<OrderRecord> {
    const order = asked.onBand === 'move' && asked.priceTicks !== null && asked.trigger === undefined ? { ...asked, priceTicks: moved(market, asked.side, asked.priceTicks) } : asked
    const lots = this.#check(account, market, order)
    if (typeof lots !== 'number') return lots
    const leg = order.leg ?? 'net'
    const limit = order.type === 'market' ? capOf(market, order.side) : order.priceTicks!
    const record = this.#clearing.accept({
      account: account.name,
      client: order.clientId,
      symbol: order.symbol,
      side: order.side,
      type: order.type,
      tif: order.type === 'market' && order.timeInForce !== 'FOK' ? 'IOC' : order.timeInForce,
      reduceOnly: reduces(order),
      ticks: order.type === 'market' ? null : limit,
      lots,
      ...(leg === 'net' ? {} : { leg }),
      ...(order.closeOnTrigger ? { close: true } : {}),
      ...(order.origin === 'operator' ? { origin: 'operator' } : {}),
      ...(order.trigger === undefined ? {} : { trigger: triggerFactOf(market, order, lots) }),
      ...(order.protection === undefined ? {} : { protect: order.protection }),
    })
    if (this.#isRejected(account.name)) this.#clearing.end(record, 'rejected-by-operator')
    else if (!record.waiting) this.work(market, record, limit)
    return { ok: true, value: record }
  }

  /** @returns why the order would be refused, or the order margin that the account would hold with it. */
  preview(account: Account, market: Market, order: NewOrder): Refused | Money {
    const lots = this.#check(account, market, order)
    if (typeof lots !== 'number') return lots
    const { orderMargin } = walletOf(account, this.#markOf)
    if (order.trigger !== undefined || reduces(order)) return orderMargin
    const position = account.position(market.math, this.#clearing.accounts.leverageOf(market.math), order.leg ?? 'net')
    const exposure = account.exposure(market.math, position.leg)
    const before = exposure.openingValue(position.signedLots, null, 0, ZERO)
    const value = market.math.value(order.priceTicks ?? market.mark.markTicks, lots)
    return orderMargin.plus(exposure.openingValue(position.signedLots, order.side, lots, value).minus(before).div(position.leverage))
  }

  amend(account: Account, market: Market, key: OrderKey, change: OrderChange): Answer<OrderRecord> {
    const record = this.#open(account, market, key)
    if ('ok' in record) return record
    if (record.waiting) return this.#amendWaiting(market, record, change)
    if (change.triggerTicks !== undefined) return refused('order-already-final', `order ${record.orderId} has no trigger that waits`)
    const asked = change.priceTicks ?? record.priceTicks!
    const ticks = change.onBand === 'move' ? moved(market, record.side, asked) : asked
    let lots = change.lots ?? record.lots
    if (ticks === record.priceTicks && lots === record.lots) return refused('amend-nothing', `order ${record.orderId} already has ${lots} lots at ${ticks} ticks`)
    const problem = checkPrice(market, record.side, ticks) ?? checkLots(market, lots, market.contract.maxLots, record.reduceOnly)
    if (problem !== null) return problem
    if (lots <= record.filledLots) return refused('amend-below-filled', `order ${record.orderId} has ${record.filledLots} lots filled, ${lots} asked`)
    if (record.reduceOnly) lots = Math.min(lots, record.filledLots + account.positions.get(legKey(record.symbol, record.leg))!.closable(record.side))
    else {
      const short = this.#checkAmendedMargin(account, market, record, ticks, lots)
      if (short !== null) return short
    }
    const side = market.book.side(record.side)
    const keepsPlace = ticks === record.priceTicks && lots <= record.lots
    if (keepsPlace) {
      market.book.shrink(record.side, record.entry, side.pool.lots[record.entry] - (lots - record.filledLots))
      this.#clearing.amend(record, ticks, lots)
    } else {
      market.book.remove(record.side, record.entry)
      record.entry = -1
      this.#clearing.amend(record, ticks, lots)
      this.work(market, record, ticks)
    }
    return { ok: true, value: record }
  }

  cancel(account: Account, market: Market, key: OrderKey, reason: CancelReason): Answer<OrderRecord> {
    const record = this.#open(account, market, key)
    if ('ok' in record) return record
    this.#clearing.end(record, reason)
    return { ok: true, value: record }
  }

  /** See `Operator.rejectNext`. */
  rejectNext(account: string | null, count: number): void {
    this.#rejections.set(account, (this.#rejections.get(account) ?? 0) + count)
  }

  #isRejected(account: string): boolean {
    if (this.#rejections.size === 0) return false
    const key = this.#rejections.has(account) ? account : null
    const left = this.#rejections.get(key) ?? 0
    if (left > 1) this.#rejections.set(key, left - 1)
    else this.#rejections.delete(key)
    return left > 0
  }

  /** @param text leverage as decimal text with at most two decimals. */
  setLeverage(account: Account, market: Market, text: string): Refused | null {
    const { contract } = market
    const leverage = Number(text)
    if (!/^\d+(\.\d{1,2})?$/.test(text) || leverage < 1 || leverage > contract.maxLeverage) return refused('leverage-range', `leverage "${text}" of ${contract.symbol} is outside 1 to ${contract.maxLeverage}`)
    const position = account.position(market.math, this.#clearing.accounts.leverageOf(market.math), account.mode(contract.symbol) === 'hedge' ? 'long' : 'net')
    if (Number(position.leverage) === leverage) return refused('leverage-unchanged', `leverage of ${contract.symbol} is ${position.leverage} already`)
    const before = position.leverage
    const legs = LEGS.map((leg) => account.positions.get(legKey(contract.symbol, leg))).filter((one) => one !== undefined)
    for (const one of legs) one.leverage = text
    const wallet = walletOf(account, this.#markOf)
    for (const one of legs) one.leverage = before
    if (leverage < Number(before) && wallet.equity.lt(wallet.positionMargin.plus(wallet.orderMargin))) {
      return refused('insufficient-margin', `leverage ${text} needs ${wallet.positionMargin.plus(wallet.orderMargin).toFixed(4)}, equity is ${wallet.equity.toFixed(4)}`)
    }
    this.#clearing.lever(account, contract.symbol, text)
    return null
  }

  /** @param symbols all those that are to change. Refused as a whole when one of them has a position or an order. */
  setMode(account: Account, symbols: readonly string[], mode: PositionMode): Refused | null {
    if (symbols.every((symbol) => account.mode(symbol) === mode)) return refused('mode-unchanged', `position mode is ${mode} already`)
    for (const symbol of symbols) {
      for (const leg of LEGS) {
        const lots = account.positions.get(legKey(symbol, leg))?.signedLots ?? 0
        if (lots !== 0) return refused('mode-has-positions', `${account.name} holds ${lots} lots of ${symbol}`)
      }
      let waiting = 0
      for (const record of account.waiting.values()) if (record.symbol === symbol) waiting++
      const orders = account.activeOrders(symbol) + waiting
      if (orders > 0) return refused('mode-has-orders', `${account.name} has ${orders} orders on ${symbol}`)
    }
    return null
  }

  /** Matches an accepted order and rests or ends what is left of it. */
  work(market: Market, record: OrderRecord, limit: PriceTicks): void {
    const { book } = market
    const leaves = record.leavesLots
    if (record.timeInForce === 'PostOnly' && book.crosses(record.side, limit)) return this.#clearing.end(record, 'post-only-would-take')
    if (record.timeInForce === 'FOK' && book.fillable(record.owner, record.side, limit, leaves) < leaves) return this.#clearing.end(record, 'fok-not-fillable')
    const left = book.submit(record.owner, record.side, limit, leaves)
    if (left === 0) return
    if (record.type === 'market') this.#clearing.end(record, 'no-liquidity')
    else if (record.timeInForce === 'IOC' || record.timeInForce === 'FOK') this.#clearing.end(record, 'ioc-remainder')
    else record.entry = book.rest(record.owner, record.side, limit, left)
  }

  /** @returns the lots to accept: those asked for, or what a reduce-only order can close. */
  #check(account: Account, market: Market, order: NewOrder): Lots | Refused {
    const { contract, math } = market
    if (!market.trading) return refused('symbol-not-trading', market.halted ? `${contract.symbol} is halted` : contract.status === 'Trading' ? `${contract.symbol} has no price yet` : `${contract.symbol} is ${contract.status}`)
    if (order.clientId !== '' && account.clientIds.has(order.clientId)) return refused('duplicate-client-id', `client id ${order.clientId} was used before`)
    const leg = order.leg ?? 'net'
    if ((leg === 'net') !== (account.mode(contract.symbol) === 'one-way')) return refused('leg-mismatch', `leg ${leg} in ${account.mode(contract.symbol)} mode of ${contract.symbol}`)
    if (order.trigger !== undefined) return this.#checkConditional(account, market, order)
    const position = account.position(math, this.#clearing.accounts.leverageOf(math), leg)
    const closable = position.closable(order.side)
    const closeAll = order.lots === 0 && reduces(order) && order.closeOnTrigger
    const asked = closeAll ? closable : order.lots
    const lotsProblem = closeAll ? null : checkLots(market, asked, order.type === 'market' ? contract.maxMarketLots : contract.maxLots, reduces(order))
    if (lotsProblem !== null) return lotsProblem
    if (order.type === 'limit') {
      if (order.priceTicks === null) return refused('bad-price', 'a limit order needs a price')
      const priceProblem = checkPrice(market, order.side, order.priceTicks)
      if (priceProblem !== null) return priceProblem
    }
    const active = account.activeOrders(contract.symbol)
    if (active >= rules.activeOrdersMax) return refused('too-many-orders', `${active} active orders on ${contract.symbol}, ${rules.activeOrdersMax} allowed`)
    if (reduces(order)) {
      if (closable === 0) return refused('reduce-only-no-position', `a ${order.side === BUY ? 'buy' : 'sale'} has nothing to reduce: position is ${position.signedLots} lots`)
      return Math.min(asked, closable)
    }
    const mark = market.mark.markTicks
    const ticks = order.type === 'limit' ? order.priceTicks! : mark
    const protection = order.protection === undefined ? null : checkProtection(market, order.side, order.protection, order.type === 'limit' ? ticks : market.lastTicks)
    if (protection !== null) return protection
    const value = math.value(ticks, asked)
    if (value.lt(math.minNotional)) return refused('below-min-notional', `order value ${value.toFixed()} is below ${contract.minNotional}`)
    if (!carries(account, position, order.side, asked, ticks, this.#markOf)) return this.#short(account, `order value ${value.toFixed()} at leverage ${position.leverage}`)
    return asked
  }

  /** A conditional order is checked for itself; margin and position count when it fires. */
  #checkConditional(account: Account, market: Market, order: NewOrder): Lots | Refused {
    const { contract } = market
    const whole = order.lots === 0 && order.closeOnTrigger
    const problem = whole ? null : checkLots(market, order.lots, order.type === 'market' ? contract.maxMarketLots : contract.maxLots, reduces(order))
    if (problem !== null) return problem
    if (order.type === 'limit' && (order.priceTicks === null || offGrid(market, order.priceTicks))) return refused('bad-price', `${order.priceTicks} ticks is no price on a grid of ${contract.tickSteps}`)
    const trigger = order.trigger!
    const reference = order.priceTicks ?? ('trail' in trigger ? market.lastTicks : trigger.ticks)
    return checkTrigger(account, market, order) ?? (order.protection === undefined ? null : checkProtection(market, order.side, order.protection, reference)) ?? order.lots
  }

  #amendWaiting(market: Market, record: OrderRecord, change: OrderChange): Answer<OrderRecord> {
    const trigger = record.trigger!
    const ticks = change.priceTicks ?? record.priceTicks
    const lots = change.lots ?? record.lots
    const triggerTicks = change.triggerTicks ?? trigger.ticks
    if (ticks === record.priceTicks && lots === record.lots && triggerTicks === trigger.ticks) return refused('amend-nothing', `conditional order ${record.orderId} is like that already`)
    if (ticks !== record.priceTicks && (record.type === 'market' || offGrid(market, ticks!))) return refused('bad-price', `${ticks} ticks is no price of ${record.orderId}`)
    if (lots !== record.lots) {
      const problem = trigger.whole ? refused('bad-size', `order ${record.orderId} takes the whole position`) : checkLots(market, lots, market.contract.maxLots, record.reduceOnly)
      if (problem !== null) return problem
    }
    if (triggerTicks !== trigger.ticks) {
      const problem = trigger.trail === null ? checkTriggerPrice(market, trigger.by, trigger.rise, triggerTicks!) : refused('bad-price', `the trigger of ${record.orderId} follows the price`)
      if (problem !== null) return problem
      this.#clearing.move(record, triggerTicks!)
    }
    if (ticks !== record.priceTicks || lots !== record.lots) this.#clearing.amend(record, ticks, lots)
    return { ok: true, value: record }
  }

  /** An amended order must be affordable as if the old one had been cancelled; one that does not grow always is. */
  #checkAmendedMargin(account: Account, market: Market, record: OrderRecord, ticks: PriceTicks, lots: Lots): Refused | null {
    const { math } = market
    const value = math.value(ticks, lots)
    if (value.lt(math.minNotional)) return refused('below-min-notional', `order value ${value.toFixed()} is below ${market.contract.minNotional}`)
    const leaves = lots - record.filledLots
    if (math.value(ticks, leaves).lte(math.value(record.priceTicks!, record.leavesLots))) return null
    const exposure = account.exposure(math, record.leg)
    exposure.count(record, -1)
    const carried = carries(account, account.positions.get(legKey(record.symbol, record.leg))!, record.side, leaves, ticks, this.#markOf)
    exposure.count(record, 1)
    return carried ? null : this.#short(account, `amended order value ${value.toFixed()}`)
  }

  #short(account: Account, what: string): Refused {
    return refused('insufficient-margin', `${what} is not covered: available ${walletOf(account, this.#markOf).available.toFixed(4)}`)
  }

  #open(account: Account, market: Market, key: OrderKey): OrderRecord | Refused {
    const record = this.#clearing.accounts.find(account, key)
    const id = 'orderId' in key ? key.orderId : key.clientId
    if (record === undefined || record.symbol !== market.contract.symbol) return refused('order-not-found', `no order ${id} on ${market.contract.symbol}`)
    if (!record.open && !record.waiting) return refused('order-already-final', `order ${id} is ${record.status}`)
    return record
  }
}

/** Whether an order can only close: it says so, closes on trigger, or goes against its leg. */
const reduces = (order: NewOrder): boolean => order.reduceOnly || order.closeOnTrigger || closesLeg(order.leg ?? 'net', order.side)

const offGrid = (market: Market, ticks: PriceTicks): boolean => !Number.isSafeInteger(ticks) || ticks < 1 || ticks > rules.priceTicksMax || ticks % market.contract.tickSteps !== 0

// A price that is none at all is left to be refused.
const moved = (market: Market, side: Side, ticks: PriceTicks): PriceTicks => (offGrid(market, ticks) ? ticks : clampToBand(market, side, ticks))

function checkLots(market: Market, lots: Lots, max: Lots, reduceOnly: boolean): Refused | null {
  const { contract } = market
  if (!Number.isSafeInteger(lots) || lots < contract.minLots) return refused('bad-size', `${lots} lots of ${contract.symbol}, at least ${contract.minLots} needed`)
  if (lots % contract.lotSteps !== 0) return refused('bad-size', `${lots} lots of ${contract.symbol} are off the grid of ${contract.lotSteps}`)
  // The venues split large closing orders by themselves; here they are simply taken.
  if (lots > max && !reduceOnly) return refused('above-max-size', `${lots} lots of ${contract.symbol}, at most ${max} allowed`)
  return null
}

function checkPrice(market: Market, side: Side, ticks: PriceTicks): Refused | null {
  if (!Number.isSafeInteger(ticks) || ticks < 1) return refused('bad-price', `${ticks} ticks is no price`)
  if (ticks % market.contract.tickSteps !== 0) return refused('bad-price', `${ticks} ticks is off the grid of ${market.contract.tickSteps}`)
  const { lowest, highest } = bandOf(market, side)
  if (ticks > highest || ticks < lowest) return refused('price-band', `${ticks} ticks is outside ${lowest} to ${highest} (mark ${market.mark.markTicks})`)
  return null
}
