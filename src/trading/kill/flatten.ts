import { BUY, SELL } from '../../core/index.ts'
import { addExit, paidTicks, unclosedLots } from '../decide/exit-order.ts'
import { decided, type Decided, type Effect, type Moment, type PriceAnswer, refuse } from '../events.ts'
import { exitPaused } from '../exits.ts'
import { OPEN } from '../position-machine.ts'
import { exitPriceTicks, soundQuote } from '../pricing.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'

/**
 * Closes what a symbol holds while the kill switch asks for it: in the manner of the engine's exits at
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
  const lots = unclosedLots(own, symbol)
  if (lots <= 0) return refuse('nothing-to-close')

  const { exit, kill } = rules.settings
  const priced = !price.refused && soundQuote(price.bidTicks, price.askTicks)
  const patient = position.exitFailures < kill.flattenLimitExits && now.ns - engaged.sinceNs < kill.flattenMarketMs * 1e6
  const market = exit.orderType === 'market' || !priced || !patient
  const priceTicks = priced ? exitPriceTicks(symbol.ledger.signedLots > 0 ? SELL : BUY, price.bidTicks, price.askTicks, rules.slippagePercent) : paidTicks(symbol)
  const why = `kill switch: ${engaged.code}${market && exit.orderType !== 'market' ? (priced ? ', at market: limit exits did not fill' : ', at market: no fresh price') : ''}`
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  addExit(state, symbol, position, { lots, market, priceTicks, receiveNs: price.refused ? now.ns : price.receiveNs, reason: 'kill-switch', why, decisionSequence: -1 }, now, records, effects)
  return decided(records, effects)
}
