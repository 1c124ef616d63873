import { BUY, type Lots, type PriceTicks, type Side } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import { carries, walletOf, type MarkOf } from './accounts/margin.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import type { Clearing } from './clearing.ts'
import type { Market } from './market/market.ts'
import type { Answer, NewOrder, OrderKey, Refusal } from './port.ts'
import { rules } from './rules.ts'

type Refused = { readonly ok: false; readonly refusal: Refusal; readonly text: string }
const refuse = (refusal: Refusal, text: string): Refused => ({ ok: false, refusal, text })

/** Order entry: checks a command in a fixed order, refuses it before anything happened, or carries it out against the book. */
export class OrderDesk {
  readonly #clearing: Clearing
  readonly #markOf: MarkOf

  constructor(clearing: Clearing, markOf: MarkOf) {
    this.#clearing = clearing
    this.#markOf = markOf
  }

  place(account: Account, market: Market, order: NewOrder): Answer<OrderRecord> {
    const lots = this.#check(account, market, order)
    if (typeof lots !== 'number') return lots
    const limit = order.type === 'market' ? capOf(market, order.side) : order.priceTicks!
    const record = this.#clearing.accept({
      account: account.name,
      client: order.clientId,
      symbol: order.symbol,
      side: order.side,
      type: order.type,
      tif: order.type === 'market' && order.timeInForce !== 'FOK' ? 'IOC' : order.timeInForce,
      reduceOnly: order.reduceOnly,
      ticks: order.type === 'market' ? null : limit,
      lots,
    })
    this.#work(market, record, limit)
    return { ok: true, value: record }
  }

  amend(account: Account, market: Market, key: OrderKey, change: { readonly priceTicks?: PriceTicks; readonly lots?: Lots }): Answer<OrderRecord> {
    const record = this.#open(account, market, key)
    if ('ok' in record) return record
    const ticks = change.priceTicks ?? record.priceTicks!
    let lots = change.lots ?? record.lots
    if (ticks === record.priceTicks && lots === record.lots) return refuse('amend-nothing', `order ${record.orderId} already has ${lots} lots at ${ticks} ticks`)
    const problem = checkPrice(market, record.side, ticks) ?? checkLots(market, lots, market.contract.maxLots, record.reduceOnly)
    if (problem !== null) return problem
    if (lots <= record.filledLots) return refuse('amend-below-filled', `order ${record.orderId} has ${record.filledLots} lots filled, ${lots} asked`)
    if (record.reduceOnly) lots = Math.min(lots, record.filledLots + account.positions.get(record.symbol)!.closable(record.side))
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
      this.#work(market, record, ticks)
    }
    return { ok: true, value: record }
  }

  cancel(account: Account, market: Market, key: OrderKey): Answer<OrderRecord> {
    const record = this.#open(account, market, key)
    if ('ok' in record) return record
    this.#clearing.end(record, 'user')
    return { ok: true, value: record }
  }

  /** @param text leverage as decimal text with at most two decimals. */
  setLeverage(account: Account, market: Market, text: string): Refused | null {
    const { contract } = market
    const leverage = Number(text)
    if (!/^\d+(\.\d{1,2})?$/.test(text) || leverage < 1 || leverage > contract.maxLeverage) return refuse('leverage-range', `leverage "${text}" of ${contract.symbol} is outside 1 to ${contract.maxLeverage}`)
    const position = account.position(market.math, this.#clearing.accounts.leverageOf(market.math))
    if (Number(position.leverage) === leverage) return refuse('leverage-unchanged', `leverage of ${contract.symbol} is ${position.leverage} already`)
    const before = position.leverage
    position.leverage = text
    const wallet = walletOf(account, this.#markOf)
    position.leverage = before
    if (leverage < Number(before) && wallet.equity.lt(wallet.positionMargin.plus(wallet.orderMargin))) {
      return refuse('insufficient-margin', `leverage ${text} needs ${wallet.positionMargin.plus(wallet.orderMargin).toFixed(4)}, equity is ${wallet.equity.toFixed(4)}`)
    }
    this.#clearing.lever(account, contract.symbol, text)
    return null
  }

  /** Matches an accepted order and rests or ends what is left of it. */
  #work(market: Market, record: OrderRecord, limit: PriceTicks): void {
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
    if (!market.trading) return refuse('symbol-not-trading', market.halted ? `${contract.symbol} is halted` : `${contract.symbol} has no price yet`)
    if (order.clientId !== '' && account.clientIds.has(order.clientId)) return refuse('duplicate-client-id', `client id ${order.clientId} was used before`)
    const position = account.position(math, this.#clearing.accounts.leverageOf(math))
    const closable = position.closable(order.side)
    const closeAll = order.lots === 0 && order.reduceOnly && order.closeOnTrigger
    const asked = closeAll ? closable : order.lots
    const lotsProblem = closeAll ? null : checkLots(market, asked, order.type === 'market' ? contract.maxMarketLots : contract.maxLots, order.reduceOnly)
    if (lotsProblem !== null) return lotsProblem
    if (order.type === 'limit') {
      if (order.priceTicks === null) return refuse('bad-price', 'a limit order needs a price')
      const priceProblem = checkPrice(market, order.side, order.priceTicks)
      if (priceProblem !== null) return priceProblem
    }
    const active = account.exposure(math).orders
    if (active >= rules.activeOrdersMax) return refuse('too-many-orders', `${active} active orders on ${contract.symbol}, ${rules.activeOrdersMax} allowed`)
    if (order.reduceOnly) {
      if (closable === 0) return refuse('reduce-only-no-position', `a ${order.side === BUY ? 'buy' : 'sale'} has nothing to reduce: position is ${position.signedLots} lots`)
      return Math.min(asked, closable)
    }
    const mark = market.mark.markTicks
    const ticks = order.type === 'limit' ? order.priceTicks! : mark
    const value = math.value(ticks, asked)
    if (value.lt(math.minNotional)) return refuse('below-min-notional', `order value ${value.toFixed()} is below ${contract.minNotional}`)
    if (!carries(account, position, order.side, asked, ticks, this.#markOf)) return this.#short(account, `order value ${value.toFixed()} at leverage ${position.leverage}`)
    return asked
  }

  /** An amended order must be affordable as if the old one had been cancelled; one that does not grow always is. */
  #checkAmendedMargin(account: Account, market: Market, record: OrderRecord, ticks: PriceTicks, lots: Lots): Refused | null {
    const { math } = market
    const value = math.value(ticks, lots)
    if (value.lt(math.minNotional)) return refuse('below-min-notional', `order value ${value.toFixed()} is below ${market.contract.minNotional}`)
    const leaves = lots - record.filledLots
    if (math.value(ticks, leaves).lte(math.value(record.priceTicks!, record.leavesLots))) return null
    const exposure = account.exposure(math)
    exposure.count(record, -1)
    const carried = carries(account, account.positions.get(record.symbol)!, record.side, leaves, ticks, this.#markOf)
    exposure.count(record, 1)
    return carried ? null : this.#short(account, `amended order value ${value.toFixed()}`)
  }

  #short(account: Account, what: string): Refused {
    return refuse('insufficient-margin', `${what} is not covered: available ${walletOf(account, this.#markOf).available.toFixed(4)}`)
  }

  #open(account: Account, market: Market, key: OrderKey): OrderRecord | Refused {
    const record = this.#clearing.accounts.find(account, key)
    const id = 'orderId' in key ? key.orderId : key.clientId
    if (record === undefined || record.symbol !== market.contract.symbol) return refuse('order-not-found', `no order ${id} on ${market.contract.symbol}`)
    if (!record.open) return refuse('order-already-final', `order ${id} is ${record.status}`)
    return record
  }
}

/** The worst price a market order may reach. */
export function capOf(market: Market, side: Side): PriceTicks {
  const mark = market.mark.markTicks
  return side === BUY ? Math.floor(mark * (1 + rules.marketCap)) : Math.max(1, Math.ceil(mark * (1 - rules.marketCap)))
}

function checkLots(market: Market, lots: Lots, max: Lots, reduceOnly: boolean): Refused | null {
  const { contract } = market
  if (!Number.isSafeInteger(lots) || lots < contract.minLots) return refuse('bad-size', `${lots} lots of ${contract.symbol}, at least ${contract.minLots} needed`)
  // The venues split large closing orders by themselves; here they are simply taken.
  if (lots > max && !reduceOnly) return refuse('above-max-size', `${lots} lots of ${contract.symbol}, at most ${max} allowed`)
  return null
}

function checkPrice(market: Market, side: Side, ticks: PriceTicks): Refused | null {
  if (!Number.isSafeInteger(ticks) || ticks < 1) return refuse('bad-price', `${ticks} ticks is no price`)
  const mark = market.mark.markTicks
  const highest = side === BUY ? mark * (1 + rules.priceBand) : mark * rules.farPriceFactor
  const lowest = side === BUY ? mark / rules.farPriceFactor : mark * (1 - rules.priceBand)
  if (ticks > highest || ticks < lowest || ticks > rules.priceTicksMax) return refuse('price-band', `${ticks} ticks is outside ${Math.ceil(lowest)} to ${Math.floor(highest)} (mark ${mark})`)
  return null
}

