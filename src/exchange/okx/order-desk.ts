import type { WallMs } from '../../core/index.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { ExchangeOrder, ExchangePort, Refusal } from '../port.ts'
import { codes, missing, refusals, refuse, Refused, wrong, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import { clientNameOf, coreClientId, orderIdOfText, ordIdOf } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './market-rows.ts'
import { clOrdIdOf, flagOf, listingOf, lotsOf, netCross, newOrderOf, tagOf, textOf, ticksOf } from './order-fields.ts'
import type { OrderNotes } from './order-notes.ts'
import { isFinal } from './rows.ts'

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
        const { clOrdId } = clientNameOf(order.clientId)
        if (clOrdId !== '') this.#remember(account, clOrdId, order.clientId)
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
    const name = order === null ? null : clientNameOf(order.clientId)
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
    if (ordId !== '') return exchange.findOrder(account, { orderId: orderIdOfText(ordId) })
    const clientId = this.#names.get(account)?.get(clOrdId)
    return clientId === undefined ? undefined : exchange.findOrder(account, { clientId })
  }

  /** Cancels whatever is open on the instrument or everywhere. @returns how many orders it were. */
  cancelAll(account: string, listing: Listing | null): number {
    return this.#parts.exchange.cancelAll(account, listing?.symbol ?? null).length
  }

  /** Market-closes the position. @throws Refused without a position, or with closing orders open and `autoCxl` off. */
  closePosition(account: string, fields: Fields): Row {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    netCross(fields, 'mgnMode')
    const autoCancel = flagOf(fields, 'autoCxl')
    const name = { clOrdId: clOrdIdOf(fields), tag: tagOf(fields) }
    const position = exchange.position(account, listing.symbol)
    if (position.signedLots === 0) refuse(codes.noPositionToClose)
    const side = position.signedLots > 0 ? 1 : 0
    const closing = exchange.orders(account, { symbol: listing.symbol, open: true }).filter((order) => order.side === side)
    if (closing.length > 0 && !autoCancel) refuse(codes.closeOrdersPending)
    for (const order of closing) exchange.cancel(account, listing.symbol, { orderId: order.orderId })
    const lots = Math.abs(position.signedLots)
    this.#submit(account, name, { symbol: listing.symbol, side, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', reduceOnly: true, closeOnTrigger: true })
    return { clOrdId: name.clOrdId, instId: listing.instId, posSide: 'net', tag: name.tag }
  }

  #place(account: string, fields: Fields): ExchangeOrder {
    const listing = listingOf(this.#parts.listings, fields)
    const name = { clOrdId: clOrdIdOf(fields), tag: tagOf(fields) }
    return this.#submit(account, name, newOrderOf(listing, fields))
  }

  #submit(account: string, name: { readonly clOrdId: string; readonly tag: string }, order: ReturnType<typeof newOrderOf>): ExchangeOrder {
    const { exchange } = this.#parts
    const before = name.clOrdId === '' ? undefined : this.find(account, '', name.clOrdId)
    if (before !== undefined && !isFinal(before)) refuse(codes.duplicateClientId)
    for (;;) {
      const clientId = coreClientId(name, ++this.#counter)
      const answer = exchange.place(account, { ...order, clientId })
      // A number of an earlier run of the front: the next one may be free.
      if (!answer.ok && answer.refusal === 'duplicate-client-id') continue
      if (!answer.ok) {
        const flat = answer.refusal === 'reduce-only-no-position' && exchange.position(account, order.symbol).signedLots === 0
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
    const change: { priceTicks?: number; lots?: number } = {}
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

/** Code and text over a list of outcomes: all well, all failed, or some. */
export function overall(outcomes: readonly Outcome[]): Verdict {
  const well = outcomes.filter((outcome) => outcome.ok).length
  if (well === outcomes.length) return codes.ok
  return well === 0 ? { code: '1', text: 'All operations failed', subCode: '' } : { code: '2', text: 'Bulk operation partially succeeded', subCode: '' }
}
