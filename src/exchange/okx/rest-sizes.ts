import { money } from '../../core/index.ts'
import { moneyText } from '../front/text.ts'
import type { ExchangePort, Position } from '../port.ts'
import { missing, refusals, refuse, wrong } from './codes.ts'
import { ticksOf } from './fields.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './row.ts'
import type { Query } from './query.ts'
import type { OkxKey } from './settings.ts'

const ONE = money('1')

export interface RestSizesParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
}

/** What an account could still trade. */
export class RestSizes {
  readonly #parts: RestSizesParts

  constructor(parts: RestSizesParts) {
    this.#parts = parts
  }

  /** Contracts that the free margin opens at the price given or the last one, plus what closes the position. */
  maxSize(key: OkxKey, query: Query): readonly Row[] {
    const { exchange } = this.#parts
    if (query.text('tdMode') !== 'cross') refuse(query.text('tdMode') === '' ? missing('tdMode') : wrong('tdMode'))
    return this.#named(query).map((listing) => {
      const summary = exchange.summary(listing.symbol)
      const px = query.text('px')
      const ticks = px === '' ? summary.lastTicks : ticksOf(listing, px, 'px')
      const lever = query.text('leverage') === '' ? exchange.position(key.account, listing.symbol).leverage : String(query.integer('leverage', 1, 1, listing.contract.maxLeverage))
      const perLot = money(listing.price.of(ticks)).times(listing.contract.lot.text).times(ONE.div(lever).plus(listing.contract.takerFeeRate))
      const { available } = exchange.wallet(key.account)
      const opens = available.greaterThan(0) ? available.div(perLot).floor().toNumber() : 0
      const held = this.#held(key, listing)
      const capped = (lots: number): string => listing.size.of(Math.min(lots, listing.contract.maxLots))
      return { ccy: listing.contract.quoteCoin, instId: listing.instId, maxBuy: capped(opens + 2 * held.short), maxSell: capped(opens + 2 * held.long) }
    })
  }

  /** Equity that is free for orders in cross margin; for reduce-only ones what the position lets close, in contracts. */
  maxAvailable(key: OkxKey, query: Query): readonly Row[] {
    const { exchange } = this.#parts
    if (query.text('tdMode') !== 'cross') refuse(query.text('tdMode') === '' ? missing('tdMode') : wrong('tdMode'))
    return this.#named(query).map((listing) => {
      const held = this.#held(key, listing)
      const free = moneyText(exchange.wallet(key.account).available, 12)
      const reduceOnly = query.text('reduceOnly') === 'true'
      return { instId: listing.instId, availBuy: reduceOnly ? listing.size.of(held.short) : free, availSell: reduceOnly ? listing.size.of(held.long) : free }
    })
  }

  #held(key: OkxKey, listing: Listing): { readonly long: number; readonly short: number } {
    const legs = this.#parts.exchange.positions(key.account).filter((position: Position) => position.symbol === listing.symbol)
    const sum = (sign: 1 | -1): number => legs.reduce((lots, position) => lots + Math.max(0, sign * position.signedLots), 0)
    return { long: sum(1), short: sum(-1) }
  }

  /** Instruments named in `instId`, several separated by commas. */
  #named(query: Query): readonly Listing[] {
    if (query.text('instId') === '') refuse(missing('instId'))
    return query.text('instId').split(',').map((instId) => this.#parts.listings.byInstId(instId) ?? refuse(refusals['unknown-symbol']))
  }
}
