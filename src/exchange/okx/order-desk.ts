import { BUY, SELL, type WallMs } from '../../core/index.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { ExchangeOrder, ExchangePort, Refusal } from '../port.ts'
import { codes, missing, refusals, refuse, Refused, wrong, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import { flagOf, listingOf, lotsOf, nameOf, tagOf, textOf, ticksOf } from './fields.ts'
import { neverFired } from './algo-book.ts'
import { clientNameOf, coreClientId, orderIdOfText, ordIdOf, type ClientName } from './ids.ts'
import type { Listings } from './listing.ts'
import type { Row } from './row.ts'
import { crossMargin, newOrderOf, onBandOf, posSideOf, type AskedOrder } from './order-fields.ts'
import type { OrderNotes } from './order-notes.ts'
import { isFinal, orderNameOf } from './order-state.ts'

export type Action = 'place' | 'amend' | 'cancel'

/** Orders that one batch may carry. */
export const BATCH_MAX = 20
/** Client ids remembered per account, newest kept; open orders are bounded far below. */
const NAMES_MAX = 100_000

export interface OrderDeskParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly accounts: readonly string[]
  readonly faults: OkxFaults
  readonly counters: FrontCounters
  readonly notes: OrderNotes
  readonly venueMs: () => WallMs
}

/** What one command came to: the row of the answer, which carries its own code. */
export interface Outcome {
  readonly ok: boolean
  readonly row: Row
}

/**
 * Order commands, the same for REST and WebSocket. A `clOrdId` is refused only while an order of that name is open; the
 * newest order of a name is the one that it means. Which order that is, is read back from the exchange after a restart.
 */
export class OrderDesk {
  readonly #parts: OrderDeskParts
  readonly #names = new Map<string, Map<string, string>>()
  #counter = 0

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
    for (const account of new Set(parts.accounts)) {
      for (const order of [...parts.exchange.orders(account, {})].reverse()) {
        const { algo, clOrdId } = clientNameOf(order.clientId)
        if (clOrdId !== '' && algo === undefined) this.#remember(account, clOrdId, order.clientId)
      }
    }
  }

  /** One command. Never throws for what a client sent. */
  run(action: Action, account: string, item: unknown): Outcome {
    const { counters, faults, venueMs } = this.#parts
    counters.commands++
    const fields = isFields(item) ? item : {}
    const said = (name: string): string => (typeof field(fields, name) === 'string' ? String(field(fields, name)).slice(0, 200) : '')
    let verdict: Verdict = codes.ok
    let order: ExchangeOrder | null = null
    try {
      const planned = faults.takeRefusal(action === 'place' ? 'create' : action)
      if (planned !== null) refuse({ code: String(planned.code), text: planned.text, subCode: '' })
      if (!isFields(item)) refuse(wrong('args'))
      order = action === 'place' ? this.#place(account, fields) : action === 'amend' ? this.#amend(account, fields) : this.#cancel(account, fields)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      counters.commandsRefused++
      verdict = error.verdict
    }
    const name = order === null ? null : orderNameOf(order)
    const row: Row = {
      clOrdId: name?.clOrdId ?? said('clOrdId'),
      ordId: order === null ? (action === 'place' ? '' : said('ordId')) : ordIdOf(order.orderId),
      ...(action === 'place' ? { tag: name?.tag ?? said('tag') } : {}),
      ts: String(venueMs()),
      ...(action === 'amend' ? { reqId: said('reqId') } : {}),
      sCode: verdict.code,
      sMsg: verdict.text,
      ...(action === 'cancel' ? {} : { subCode: verdict.subCode }),
    }
    return { ok: verdict.code === '0', row }
  }

  /** The order that a query means: `ordId` wins; a reused client id means the newest. */
  find(account: string, ordId: string, clOrdId: string): ExchangeOrder | undefined {
    const { exchange } = this.#parts
    if (ordId !== '') {
      const order = exchange.findOrder(account, { orderId: orderIdOfText(ordId) })
      // A trigger that has not fired is an algo order and none of these.
      return order === undefined || neverFired(order) ? undefined : order
    }
    const clientId = this.#names.get(account)?.get(clOrdId)
    return clientId === undefined ? undefined : exchange.findOrder(account, { clientId })
  }

  /** Market-closes the position (or the leg that `posSide` names). @throws Refused without a position, or with closing orders open and `autoCxl` off. */
  closePosition(account: string, fields: Fields): Row {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    crossMargin(fields, 'mgnMode')
    const leg = posSideOf(exchange, account, listing, fields)
    const autoCancel = flagOf(fields, 'autoCxl')
    const name = { clOrdId: nameOf(fields, 'clOrdId'), tag: tagOf(fields) }
    const position = exchange.position(account, listing.symbol, leg)
    if (position.signedLots === 0) refuse(codes.noPositionToClose)
    const side = position.signedLots > 0 ? SELL : BUY
    const closing = exchange.orders(account, { symbol: listing.symbol, open: true }).filter((order) => order.side === side && order.leg === leg)
    if (closing.length > 0 && !autoCancel) refuse(codes.closeOrdersPending)
    for (const order of closing) exchange.cancel(account, listing.symbol, { orderId: order.orderId })
    const lots = Math.abs(position.signedLots)
    this.#submit(account, name, { symbol: listing.symbol, side, leg, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', reduceOnly: true, closeOnTrigger: true })
    return { clOrdId: name.clOrdId, instId: listing.instId, posSide: leg, tag: name.tag }
  }

  #place(account: string, fields: Fields): ExchangeOrder {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    const { attached, order } = newOrderOf(exchange, account, listing, fields)
    return this.#submit(account, { clOrdId: nameOf(fields, 'clOrdId'), tag: tagOf(fields), ...(attached === null ? {} : { attached }) }, order)
  }

  #submit(account: string, name: ClientName, order: AskedOrder['order']): ExchangeOrder {
    const { exchange } = this.#parts
    const before = name.clOrdId === '' ? undefined : this.find(account, '', name.clOrdId)
    if (before !== undefined && !isFinal(before)) refuse(codes.duplicateClientId)
    for (;;) {
      const clientId = coreClientId(name, ++this.#counter)
      const answer = exchange.place(account, { ...order, clientId })
      // A number of an earlier run of the front: the next one may be free.
      if (!answer.ok && answer.refusal === 'duplicate-client-id') continue
      if (!answer.ok) {
        const flat = answer.refusal === 'reduce-only-no-position' && exchange.position(account, order.symbol, order.leg).signedLots === 0
        refuse(answer.refusal === 'reduce-only-no-position' && !flat ? codes.sameDirection : refusals[answer.refusal])
      }
      if (name.clOrdId !== '') this.#remember(account, name.clOrdId, clientId)
      return answer.value
    }
  }

  #amend(account: string, fields: Fields): ExchangeOrder {
    const { exchange, listings, notes } = this.#parts
    const listing = listingOf(listings, fields)
    const newSz = textOf(fields, 'newSz')
    const newPx = textOf(fields, 'newPx')
    const reqId = textOf(fields, 'reqId')
    if (reqId !== '' && !/^[A-Za-z0-9]{1,32}$/.test(reqId)) refuse(wrong('reqId'))
    if (newSz === '' && newPx === '') refuse(refusals['amend-nothing'])
    const change: { priceTicks?: number; lots?: number; onBand: 'refuse' | 'move' } = { onBand: onBandOf(fields) }
    if (newPx !== '') change.priceTicks = ticksOf(listing, newPx, 'newPx')
    if (newSz !== '') change.lots = lotsOf(listing, newSz, 'newSz')
    const order = this.#named(account, fields)
    if (order === undefined) refuse(codes.amendFailed)
    const answer = notes.amending(order.orderId, reqId, () => exchange.amend(account, listing.symbol, { orderId: order.orderId }, change))
    if (answer.ok) return answer.value
    if (flagOf(fields, 'cxlOnFail')) exchange.cancel(account, listing.symbol, { orderId: order.orderId })
    return refuse(answer.refusal === 'order-not-found' || answer.refusal === 'order-already-final' ? codes.amendFailed : refusals[answer.refusal satisfies Refusal])
  }

  #cancel(account: string, fields: Fields): ExchangeOrder {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    const order = this.#named(account, fields)
    if (order === undefined) refuse(codes.cancelFailed)
    const answer = exchange.cancel(account, listing.symbol, { orderId: order.orderId })
    return answer.ok ? answer.value : refuse(refusals[answer.refusal])
  }

  #named(account: string, fields: Fields): ExchangeOrder | undefined {
    const ordId = textOf(fields, 'ordId')
    const clOrdId = textOf(fields, 'clOrdId')
    if (ordId === '' && clOrdId === '') refuse(missing('ordId'))
    return this.find(account, ordId, clOrdId)
  }

  #remember(account: string, clOrdId: string, clientId: string): void {
    let names = this.#names.get(account)
    if (names === undefined) this.#names.set(account, (names = new Map<string, string>()))
    names.delete(clOrdId)
    names.set(clOrdId, clientId)
    if (names.size > NAMES_MAX) names.delete(names.keys().next().value!)
  }
}

/** Mass-cancel serves market makers of options alone; there is no cancel-all for swaps. */
export const massCancelRefusal = (instType: string): Verdict => (instType === 'OPTION' ? codes.modeUnsupported : instType === '' ? missing('instType') : wrong('instType'))

/** Code and text over a list of outcomes: all well, all failed, or some. */
export function overall(outcomes: readonly Outcome[]): Verdict {
  const well = outcomes.filter((outcome) => outcome.ok).length
  if (well === outcomes.length) return codes.ok
  return well === 0 ? { code: '1', text: 'All operations failed', subCode: '' } : { code: '2', text: 'Bulk operation partially succeeded', subCode: '' }
}
