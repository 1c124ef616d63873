import { type Instrument, RingmasterError } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { TradingPort } from '../../venues/index.ts'
import type { Effect, TradingEvent } from '../events.ts'
import type { Inquiries } from '../inquiries.ts'
import { checkOutbound } from '../outbound.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'

export interface EffectEnds {
  /** Takes what the venue answers. */
  readonly handle: (event: TradingEvent) => void
  readonly reconcile: (reason: string) => void
}

/** Makes effects happen at the venue; every answer comes back as an event. */
export class EffectRunner {
  readonly #trading: TradingPort
  readonly #inquiries: Inquiries
  readonly #context: Pick<ActorContext, 'clock' | 'count' | 'observe' | 'log'>
  readonly #ends: EffectEnds
  readonly #state: TradingState
  readonly #instruments: ReadonlyMap<string, Instrument>

  constructor(rules: Rules, state: TradingState, trading: TradingPort, inquiries: Inquiries, context: Pick<ActorContext, 'clock' | 'count' | 'observe' | 'log'>, ends: EffectEnds) {
    this.#state = state
    this.#instruments = new Map(rules.symbols.map(({ instrument }) => [instrument.symbol, instrument]))
    this.#trading = trading
    this.#inquiries = inquiries
    this.#context = context
    this.#ends = ends
  }

  run(effect: Effect): void {
    switch (effect.kind) {
      case 'place': {
        const { clientId, symbol } = effect.request
        const problem = checkOutbound(effect.request, this.#instruments.get(symbol), this.#state.symbols.get(symbol))
        if (problem !== '') return this.#hold(clientId, symbol, problem)
        const startNs = this.#context.clock.nowNs()
        this.#trading.place(effect.request, (outcome) => this.#ends.handle({ kind: 'place-outcome', clientId, outcome }))
        const sentNs = this.#context.clock.nowNs()
        this.#context.observe('order_send', sentNs - startNs)
        this.#context.observe('tick_to_order', sentNs - effect.receiveNs)
        this.#context.count('orders_sent', effect.request.reduceOnly ? 'exit' : 'entry')
        return
      }
      case 'cancel': {
        const { clientId } = effect
        this.#trading.cancel(effect.symbol, clientId, (outcome) => this.#ends.handle({ kind: 'cancel-outcome', clientId, outcome }))
        this.#context.count('orders_sent', 'cancel')
        return
      }
      case 'ask':
        return this.#inquiries.ask(effect.symbol, effect.clientId, effect.afterMs, effect.filledLots, effect.always)
      case 'protect': {
        const { symbol, clientId, stopTicks, replaces } = effect
        this.#trading.setProtection(symbol, { takeProfitTicks: null, stopLossTicks: stopTicks === 0 ? null : stopTicks, clientId, replaces }, (outcome) => this.#ends.handle({ kind: 'protect-outcome', symbol, clientId, outcome }))
        this.#context.count('orders_sent', 'protection')
        return
      }
      case 'reconcile':
        return this.#ends.reconcile(effect.reason)
    }
  }

  /** Nothing is sent; the books hear that it never left, and the symbol takes no entries until a person has looked. */
  #hold(clientId: string, symbol: string, problem: string): void {
    const error = new RingmasterError('RM_ORDER_INSANE', { clientId, symbol, problem })
    this.#context.count('orders_held', symbol)
    this.#context.log('error', error.message, { clientId, symbol })
    this.#ends.handle({ kind: 'place-outcome', clientId, outcome: { kind: 'unsent', reason: error.message } })
    this.#ends.handle({ kind: 'insane-order', symbol, why: error.message })
  }
}
