import type { PriceTicks, Random } from '../../../core/index.ts'
import type { MarketFlow } from '../source.ts'
import type { Regime } from './regimes.ts'

/** Something that acts on the generated market after each of its steps, on its own random stream: a planted episode, a shock. */
export interface FlowProcess {
  step(view: GeneratorView, flow: MarketFlow, random: Random): void
}

/** What a process sees of the generator. */
export interface GeneratorView {
  /** Seconds of generated time since the start. */
  readonly seconds: number
  readonly regime: Regime
  readonly bidTicks: PriceTicks
  readonly askTicks: PriceTicks
}
