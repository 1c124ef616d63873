import { money, signOf } from '../../core/index.ts'
import type { VenueFill } from '../../venues/index.ts'
import { isOurKind, isOurs, isOurStop } from '../client-id.ts'
import { decided, type Decided, type Moment, refuse } from '../events.ts'
import { FILLED, isFinal, ORDER_STATES } from '../order-machine.ts'
import type { FillNote, Source, TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import { symbolState, type Order, type TradingState } from '../state.ts'

/** An execution from the stream. */
export function decideFill(rules: Rules, state: TradingState, fill: VenueFill, now: Moment): Decided {
  if (!rules.indexOf.has(fill.symbol)) return refuse('unknown-symbol')
  if (state.seen.has(fill.executionId)) return refuse('repeated')
  if (fill.timeMs <= state.seen.floorMs) return refuse('too-old-fill')
  const records: TradingRecord[] = []
  bookFill(state, fill, 'stream', now, new FillTally(), records)
  return decided(records, [])
}

/** What the books will say once the fills at hand are applied: lets several fills be decided in one step. */
export class FillTally {
  readonly #lots = new Map<string, number>()
  readonly #filled = new Map<string, number>()
  readonly #booked = new Set<string>()
  readonly #frozen = new Set<string>()
  count = 0

  signedLots(state: TradingState, symbol: string): number {
    return this.#lots.get(symbol) ?? state.symbols.get(symbol)?.ledger.signedLots ?? 0
  }

  filledLots(order: Order): number {
    return this.#filled.get(order.clientId) ?? order.filledLots
  }

  has(executionId: string): boolean {
    return this.#booked.has(executionId)
  }

  add(fill: VenueFill, afterLots: number, order: Order | undefined): void {
    this.count++
    this.#booked.add(fill.executionId)
    this.#lots.set(fill.symbol, afterLots)
    if (order !== undefined) this.#filled.set(order.clientId, this.filledLots(order) + fill.lots)
  }

  /** @returns true the first time. */
  freeze(symbol: string): boolean {
    if (this.#frozen.has(symbol)) return false
    this.#frozen.add(symbol)
    return true
  }
}

/** Adds the records of one execution, unless it is booked already or is older than what is settled. */
export function bookFill(state: TradingState, fill: VenueFill, source: Source, now: Moment, tally: FillTally, records: TradingRecord[]): void {
  if (state.seen.has(fill.executionId) || tally.has(fill.executionId) || fill.timeMs <= state.seen.floorMs) return
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  if (fill.kind === 'funding') {
    tally.add({ ...fill, lots: 0 }, tally.signedLots(state, fill.symbol), undefined)
    const lots = fill.lots > 0 ? fill.lots : null
    records.push({ kind: 'funding-booked', ...stamp, executionId: fill.executionId, symbol: fill.symbol, fee: fill.fee, rate: fill.fundingRate ?? null, lots, priceText: exactPriceOf(state, fill), timeMs: fill.timeMs })
    return
  }
  const order = state.orders.get(fill.clientId)
  const beforeLots = tally.signedLots(state, fill.symbol)
  const afterLots = beforeLots + signOf(fill.side) * fill.lots
  const note = noteOf(state, fill, order, order === undefined ? 0 : tally.filledLots(order))
  // Before the fill: of a batch that is torn the first records stay, and a fill that is booked is not looked at again.
  // An order of ours that is forgotten ended long ago: what fills now was sent by another engine with our name.
  if (note === 'unlisted' && state.reconciledMs !== 0 && symbolState(state, fill.symbol).frozen === null && tally.freeze(fill.symbol))
    records.push({ kind: 'symbol-frozen', ...stamp, symbol: fill.symbol, code: 'foreign', why: `execution ${fill.executionId} of ${fill.lots} lots by an order with an id of ours that this journal does not know ("${fill.clientId}")` })
  if (note === 'foreign' && symbolState(state, fill.symbol).frozen === null && tally.freeze(fill.symbol))
    records.push({ kind: 'symbol-frozen', ...stamp, symbol: fill.symbol, code: 'foreign', why: `execution ${fill.executionId} of ${fill.lots} lots by an order that is not ours ("${fill.clientId}")` })
  records.push({
    kind: 'fill-booked',
    ...stamp,
    executionId: fill.executionId,
    clientId: fill.clientId,
    venueId: fill.venueId,
    symbol: fill.symbol,
    side: fill.side,
    priceTicks: fill.priceTicks,
    priceText: fill.priceText ?? null,
    lots: fill.lots,
    fee: fill.fee,
    feeCoin: fill.feeCoin ?? null,
    realised: fill.realised ?? null,
    maker: fill.maker,
    type: fill.kind,
    timeMs: fill.timeMs,
    beforeLots,
    afterLots,
    note,
    source,
  })
  tally.add(fill, afterLots, order)
  if (note === 'overfill')
    records.push({
      kind: 'transition-refused',
      ...stamp,
      entity: 'order',
      id: fill.clientId,
      symbol: fill.symbol,
      from: ORDER_STATES[order!.state]!,
      event: 'fill',
      why: `execution ${fill.executionId} brings ${tally.filledLots(order!)} filled lots to an order of ${order!.lots}`,
    })
}

/** Price of a funding payment in words: it has no grid of its own. Null where the venue does not tell one. */
function exactPriceOf(state: TradingState, fill: VenueFill): string | null {
  if (fill.priceText !== undefined) return fill.priceText
  const tick = state.symbols.get(fill.symbol)?.tick ?? ''
  return fill.priceTicks === 0 || tick === '' ? null : money(tick).mul(fill.priceTicks).toFixed()
}

function noteOf(state: TradingState, fill: VenueFill, order: Order | undefined, filled: number): FillNote {
  if (order !== undefined) {
    if (filled + fill.lots > order.lots) return 'overfill'
    return isFinal(order.state) && order.state !== FILLED ? 'late' : ''
  }
  if (fill.kept === true || isOurStop(fill.clientId, state.account)) return 'stop'
  if (isOurKind(fill.clientId, state.account, 'watchdog')) return 'watchdog'
  if (isOurs(fill.clientId, state.account)) return 'unlisted'
  return fill.kind === 'trade' ? 'foreign' : 'venue'
}
