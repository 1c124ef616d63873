import type { ActorContext } from '../../runtime/index.ts'
import type { TradingPort } from '../../venues/index.ts'
import type { Effect, TradingEvent } from '../events.ts'
import type { Inquiries } from '../inquiries.ts'

export interface EffectEnds {
  /** Takes what the venue answers. */
  readonly handle: (event: TradingEvent) => void
  readonly reconcile: (reason: string) => void
}

/** Makes effects happen at the venue; every answer comes back as an event. */
export class EffectRunner {
  readonly #trading: TradingPort
  readonly #inquiries: Inquiries
  readonly #context: Pick<ActorContext, 'clock' | 'count' | 'observe'>
  readonly #ends: EffectEnds

  constructor(trading: TradingPort, inquiries: Inquiries, context: Pick<ActorContext, 'clock' | 'count' | 'observe'>, ends: EffectEnds) {
    this.#trading = trading
    this.#inquiries = inquiries
    this.#context = context
    this.#ends = ends
  }

  run(effect: Effect): void {
    switch (effect.kind) {
      case 'place': {
        const { clientId } = effect.request
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
}
