import { BUY, type Nanos, SELL } from '../../core/index.ts'
import type { BasisSource } from '../basis.ts'
import { decided, type Decided, type Effect, type ExitSignalEvent, type Moment, NOTHING, type PriceAnswer, type PriceEvent, refuse } from '../events.ts'
import { exitPaused, exitReason, trailedStop } from '../exits.ts'
import { OPEN } from '../position-machine.ts'
import { exitPriceTicks, soundQuote } from '../pricing.ts'
import type { ExitReason, TradingRecord } from '../records.ts'
import type { Rules, SymbolRules } from '../rules.ts'
import type { SymbolState, TradingState } from '../state.ts'
import { addExit, callBackEntries, unclosedLots } from './exit-order.ts'

/** A fresh price of a symbol: closes its position when an exit rule says so, else lets its stop follow. Costs nothing when neither does. */
export function decidePrice(rules: Rules, state: TradingState, event: PriceEvent, now: Moment): Decided {
  const own = rules.symbols[event.symbolIndex]
  if (own === undefined) return refuse('unknown-symbol')
  const symbol = state.symbols.get(own.instrument.symbol)
  const position = symbol?.position
  if (symbol === undefined || position === undefined || position === null || position.state !== OPEN) return NOTHING
  const { price } = event
  if (price.refused || !soundQuote(price.bidTicks, price.askTicks)) return refuse('no-price')
  const reason = exitReason(symbol, position, price.bidTicks, price.askTicks, now.ns)
  if (reason !== null) return exitNow(rules, state, own, symbol, price, reason, '', price.receiveNs, -1, now)
  const stop = trailedStop(symbol, position, price.bidTicks, price.askTicks)
  if (stop === 0) return NOTHING
  const priceTicks = symbol.ledger.signedLots > 0 ? price.bidTicks : price.askTicks
  return decided([{ kind: 'stop-moved', atMs: now.wallMs, atNs: now.ns, symbol: symbol.symbol, positionId: position.id, fromTicks: position.stopLossTicks, toTicks: stop, priceTicks }], [])
}

/** A strategy wants the position of a symbol closed (SG-11). What it saw before that position was there does not count for it. */
export function decideExitSignal(rules: Rules, state: TradingState, event: ExitSignalEvent, now: Moment): Decided {
  const own = rules.symbols[event.symbolIndex]
  if (own === undefined) return refuse('unknown-symbol')
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(event.strategy)) return refuse('bad-decision')
  const { side, confidence } = event
  if ((side !== undefined && side !== BUY && side !== SELL) || (confidence !== undefined && !(confidence >= 0 && confidence <= 1))) return refuse('bad-decision')
  const symbol = state.symbols.get(own.instrument.symbol)
  if (symbol === undefined || symbol.position === null || symbol.ledger.signedLots === 0) return refuse('nothing-to-close')
  const sequence = event.sequence ?? -1
  if (sequence >= 0 && sequence <= symbol.decisionSequence) return refuse('seen-decision')
  // It was about a position on the other side.
  if (side !== undefined && side !== (symbol.ledger.signedLots > 0 ? SELL : BUY)) return refuse('nothing-to-close')
  if (!(now.ns - event.receiveNs <= rules.settings.entry.decisionAgeMsMax * 1e6) || event.receiveNs < symbol.position.openedNs) return refuse('stale-decision')
  return exitNow(rules, state, own, symbol, event.price, 'exit-signal', `${event.strategy}: ${event.why}`, event.receiveNs, sequence, now, event.basis)
}

/**
 * Closes what is held, and calls back an entry that is still filling.
 * @param detail what a person should know beyond the reason; may be empty
 * @param basis what the decision behind it rests on, where there is one
 */
export function exitNow(rules: Rules, state: TradingState, own: SymbolRules, symbol: SymbolState, price: PriceAnswer, reason: ExitReason, detail: string, receiveNs: Nanos, decisionSequence: number, now: Moment, basis?: BasisSource): Decided {
  const position = symbol.position
  if (position === null || position.state !== OPEN) return refuse('nothing-to-close')
  if (exitPaused(rules, position, now.ns)) return refuse('exit-pause')
  const lots = unclosedLots(own, symbol)
  if (lots <= 0) return refuse('nothing-to-close')
  if (price.refused || !soundQuote(price.bidTicks, price.askTicks)) return refuse('no-price')

  const why = detail === '' ? reason : `${reason}: ${detail}`
  const priceTicks = exitPriceTicks(symbol.ledger.signedLots > 0 ? SELL : BUY, price.bidTicks, price.askTicks, rules.slippagePercent)
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  callBackEntries(symbol, `exit: ${why}`, now, records, effects)
  addExit(state, symbol, position, { lots, market: rules.settings.exit.orderType === 'market', priceTicks, receiveNs, reason, why, decisionSequence, basis: basis?.read() }, now, records, effects)
  return decided(records, effects)
}
