import { BUY, SELL } from '../../core/index.ts'
import { clientId } from '../client-id.ts'
import { placeOf } from '../decide/place.ts'
import { decided, type Decided, type Moment, type PriceAnswer, refuse } from '../events.ts'
import { exitPaused } from '../exits.ts'
import { OPEN } from '../position-machine.ts'
import { exitPriceTicks, soundQuote } from '../pricing.ts'
import type { OrderIntended } from '../records.ts'
import type { Rules } from '../rules.ts'
import { closingLots, type TradingState } from '../state.ts'

/**
 * Closes what a symbol holds while the kill switch asks for it: reduce-only, in the manner of the engine's exits at
 * first, at market once those did not fill or took too long. A market order needs no price, so a stale one is no reason
 * to keep a position; its size still comes from the books alone, less what live exits may close.
 */
export function decideFlatten(rules: Rules, state: TradingState, symbolIndex: number, price: PriceAnswer, now: Moment): Decided {
  const { engaged } = state.kill
  const own = rules.symbols[symbolIndex]
  if (own === undefined) return refuse('unknown-symbol')
  const symbol = state.symbols.get(own.instrument.symbol)
  const position = symbol?.position ?? null
  if (engaged?.flatten !== true || symbol === undefined || position === null || position.state !== OPEN) return refuse('nothing-to-close')
  if (exitPaused(rules, position, now.ns)) return refuse('exit-pause')
  const held = symbol.ledger.signedLots
  const lots = Math.min(Math.abs(held) - closingLots(symbol), own.instrument.maxLots)
  if (lots <= 0) return refuse('nothing-to-close')

  const { exit, kill } = rules.settings
  const priced = !price.refused && soundQuote(price.bidTicks, price.askTicks)
  const patient = position.exitFailures < kill.flattenLimitExits && now.ns - engaged.sinceNs < kill.flattenMarketMs * 1e6
  const market = exit.orderType === 'market' || !priced || !patient
  const side = held > 0 ? SELL : BUY
  const limit = priced ? exitPriceTicks(side, price.bidTicks, price.askTicks, rules.slippagePercent) : Math.max(1, symbol.ledger.entryTicks.round().toNumber())
  const intent: OrderIntended = {
    kind: 'order-intended',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: clientId({ account: state.account, epoch: state.epoch, intent: { kind: 'exit', positionId: position.id, n: position.exits }, attempt: 0 }),
    symbol: symbol.symbol,
    purpose: 'exit',
    positionId: position.id,
    side,
    type: market ? 'market' : 'limit',
    priceTicks: market ? null : limit,
    referenceTicks: limit,
    lots,
    timeInForce: 'IOC',
    reduceOnly: true,
    ttlMs: 0,
    why: `kill switch: ${engaged.code}${market && exit.orderType !== 'market' ? priced ? ', at market: limit exits did not fill' : ', at market: no fresh price' : ''}`,
    trace: position.trace,
    decisionSequence: -1,
    plan: null,
    terms: null,
    reason: 'kill-switch',
  }
  return decided([intent], [placeOf(intent, price.refused ? now.ns : price.receiveNs)])
}
