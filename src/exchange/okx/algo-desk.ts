import { BUY, type Side, type WallMs } from '../../core/index.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { ExchangeOrder, ExchangePort, OrderChange, Refusal } from '../port.ts'
import { halfOf, type Algo, type AlgoBook } from './algo-book.ts'
import { newAlgoOf, type AlgoPart, type NewAlgo } from './algo-fields.ts'
import { codes, missing, refusals, refuse, Refused, wrong, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import { listingOf, lotsOf, nameOf, orderPriceOf, sourceOf, tagOf, textOf, ticksOf } from './fields.ts'
import { coreClientId } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './row.ts'
import type { Outcome } from './order-desk.ts'
import { crossMargin, legOf, sideOf } from './order-fields.ts'
import type { OrderNotes } from './order-notes.ts'

export type AlgoAction = 'place-algo' | 'amend-algo' | 'cancel-algo'

export interface AlgoDeskParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly algos: AlgoBook
  readonly faults: OkxFaults
  readonly counters: FrontCounters
  readonly notes: OrderNotes
  readonly nowMs: () => WallMs
}

const FAULT_KINDS = { 'place-algo': 'create', 'amend-algo': 'amend', 'cancel-algo': 'cancel' } as const

/** Commands for algo orders: each becomes one or two conditional orders of the exchange. */
export class AlgoDesk {
  readonly #parts: AlgoDeskParts
  #counter = 0

  constructor(parts: AlgoDeskParts) {
    this.#parts = parts
  }

  /** One command. Never throws for what a client sent. */
  run(action: AlgoAction, account: string, item: unknown): Outcome {
    const { counters, faults } = this.#parts
    counters.commands++
    const fields = isFields(item) ? item : {}
    const said = (name: string): string => (typeof field(fields, name) === 'string' ? String(field(fields, name)).slice(0, 200) : '')
    let verdict: Verdict = codes.ok
    let algo: Pick<Algo, 'algoId' | 'algoClOrdId' | 'tag'> | null = null
    try {
      const planned = faults.takeRefusal(FAULT_KINDS[action])
      if (planned !== null) refuse({ code: String(planned.code), text: planned.text, subCode: '' })
      if (!isFields(item)) refuse(wrong('args'))
      algo = action === 'place-algo' ? this.#place(account, fields) : action === 'amend-algo' ? this.#amend(account, fields) : this.#cancel(account, fields)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      counters.commandsRefused++
      verdict = error.verdict
    }
    const row: Row = {
      algoId: algo?.algoId ?? (action === 'place-algo' ? '' : said('algoId')),
      algoClOrdId: algo?.algoClOrdId ?? said('algoClOrdId'),
      ...(action === 'amend-algo' ? { reqId: said('reqId') } : { clOrdId: '', tag: algo?.tag ?? said('tag') }),
      sCode: verdict.code,
      sMsg: verdict.text,
    }
    return { ok: verdict.code === '0', row }
  }

  #place(account: string, fields: Fields): Pick<Algo, 'algoId' | 'algoClOrdId' | 'tag'> {
    const { algos, exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    crossMargin(fields, 'tdMode')
    const side = sideOf(fields)
    const { leg, closing } = legOf(exchange, account, listing, fields, side)
    const name = { clOrdId: nameOf(fields, 'algoClOrdId'), tag: tagOf(fields) }
    const asked = newAlgoOf(listing, fields, side, leg, closing, exchange.summary(listing.symbol))
    if (name.clOrdId !== '' && algos.find(account, '', name.clOrdId)?.state === 'live') refuse(codes.duplicateAlgoId)
    // Both halves of a pair are judged before the first is placed: nothing of a refused one is ever there.
    for (const part of asked.parts) this.#judge(listing, side, part)
    const orders: ExchangeOrder[] = []
    const group = asked.parts.length > 1 ? `${account}~${coreClientId({ ...name, algo: { kind: asked.kind, half: '' } }, this.#counter + 1)}~${this.#parts.nowMs()}` : ''
    for (const part of asked.parts) {
      const answer = this.#submit(account, listing, side, leg, name, asked, part, group)
      if (typeof answer === 'string') {
        for (const order of orders) exchange.cancel(account, listing.symbol, { orderId: order.orderId })
        refuse(this.#verdictOf(answer, side, part))
      }
      orders.push(answer)
    }
    return algos.of(orders[0]!)!
  }

  #submit(account: string, listing: Listing, side: Side, leg: ExchangeOrder['leg'], name: { readonly clOrdId: string; readonly tag: string }, asked: NewAlgo, part: AlgoPart, group: string): ExchangeOrder | Refusal {
    const { exchange } = this.#parts
    for (;;) {
      const clientId = coreClientId({ ...name, algo: { kind: asked.kind, half: part.half } }, ++this.#counter)
      const answer = exchange.place(account, {
        symbol: listing.symbol, clientId, side, leg, type: part.priceTicks === null ? 'market' : 'limit', priceTicks: part.priceTicks, lots: asked.lots,
        timeInForce: part.priceTicks === null ? 'IOC' : 'GTC', reduceOnly: asked.reduceOnly, closeOnTrigger: asked.lots === 0, trigger: { ...part.trigger, ...(group === '' ? {} : { group }) },
      })
      // A number of an earlier run of the front: the next one may be free.
      if (!answer.ok && answer.refusal === 'duplicate-client-id') continue
      return answer.ok ? answer.value : answer.refusal
    }
  }

  #amend(account: string, fields: Fields): Algo {
    const { exchange, listings, notes } = this.#parts
    const listing = listingOf(listings, fields)
    const algo = this.#named(account, listing, fields)
    if (algo?.state !== 'live') refuse(codes.amendFailed)
    const reqId = textOf(fields, 'reqId')
    if (reqId !== '' && !/^[A-Za-z0-9]{1,32}$/.test(reqId)) refuse(wrong('reqId'))
    const changes = algo.orders.map((order) => ({ order, change: changeOf(listing, fields, order) })).filter(({ change }) => Object.keys(change).length > 0)
    if (changes.length === 0) refuse(refusals['amend-nothing'])
    for (const [i, { order, change }] of changes.entries()) {
      const run = () => notes.amending(order.orderId, reqId, () => exchange.amend(account, listing.symbol, { orderId: order.orderId }, change))
      const answer = i < changes.length - 1 ? notes.silently(order.clientId, run) : run()
      if (!answer.ok) refuse(answer.refusal === 'trigger-not-above' || answer.refusal === 'trigger-not-below' ? sideVerdict(order.side, halfOf(order)) : refusals[answer.refusal])
    }
    return algo
  }

  #cancel(account: string, fields: Fields): Algo {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    const algo = this.#named(account, listing, fields)
    if (algo?.state !== 'live') refuse(codes.cancelFailed)
    const waiting = algo.orders.filter((order) => order.status === 'Untriggered')
    for (const order of waiting) {
      const answer = exchange.cancel(account, listing.symbol, { orderId: order.orderId })
      if (!answer.ok) refuse(refusals[answer.refusal])
    }
    return algo
  }

  #named(account: string, listing: Listing, fields: Fields): Algo | undefined {
    const algoId = textOf(fields, 'algoId')
    const algoClOrdId = textOf(fields, 'algoClOrdId')
    if (algoId === '' && algoClOrdId === '') refuse(missing('algoId'))
    const algo = this.#parts.algos.find(account, algoId, algoClOrdId)
    return algo?.orders[0]?.symbol === listing.symbol ? algo : undefined
  }

  // What the exchange would refuse about a trigger's side, in the codes that name the half.
  #judge(listing: Listing, side: Side, part: AlgoPart): void {
    const { trigger } = part
    if (part.half === '' || !('ticks' in trigger)) return
    const summary = this.#parts.exchange.summary(listing.symbol)
    const { tick } = listing.contract
    const price = tick.toNumber(trigger.ticks)
    const now = trigger.by === 'last' ? tick.toNumber(summary.lastTicks) : trigger.by === 'mark' ? summary.markPrice : summary.indexPrice
    if (trigger.direction === 'rise' ? price <= now : price >= now) refuse(sideVerdict(side, part.half))
  }

  #verdictOf(refusal: Refusal, side: Side, part: AlgoPart): Verdict {
    return refusal === 'trigger-not-above' || refusal === 'trigger-not-below' ? sideVerdict(side, part.half) : refusals[refusal]
  }
}

function sideVerdict(side: Side, half: string): Verdict {
  if (half === '') return wrong('triggerPx')
  if (side === BUY) return half === 'tp' ? codes.buyTakeProfit : codes.buyStopLoss
  return half === 'tp' ? codes.sellTakeProfit : codes.sellStopLoss
}

/** What an amendment changes of one conditional order. @throws Refused for a change of a kind that an algo order cannot take. */
function changeOf(listing: Listing, fields: Fields, order: ExchangeOrder): OrderChange {
  const half = halfOf(order)
  const names = half === '' ? { trigger: 'newTriggerPx', price: 'newOrdPx', source: 'newTriggerPxType' } : half === 'tp' ? { trigger: 'newTpTriggerPx', price: 'newTpOrdPx', source: 'newTpTriggerPxType' } : { trigger: 'newSlTriggerPx', price: 'newSlOrdPx', source: 'newSlTriggerPxType' }
  const change: { lots?: number; triggerTicks?: number; priceTicks?: number } = {}
  const newSz = textOf(fields, 'newSz')
  if (newSz !== '') change.lots = lotsOf(listing, newSz, 'newSz')
  const trigger = textOf(fields, names.trigger)
  if (trigger !== '') change.triggerTicks = ticksOf(listing, trigger, names.trigger)
  if (textOf(fields, names.source) !== '' && sourceOf(fields, names.source) !== order.trigger!.by) refuse(wrong(names.source))
  if (textOf(fields, names.price) !== '') {
    const price = orderPriceOf(listing, fields, names.price)
    if ((price === null) !== (order.type === 'market')) refuse(wrong(names.price))
    if (price !== null) change.priceTicks = price
  }
  return change
}

