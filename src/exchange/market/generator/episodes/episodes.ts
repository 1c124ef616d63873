import { BUY, type Lots, type Random, SELL, type Side, type WallMs } from '../../../../core/index.ts'
import type { FlowProcess, GeneratorView } from '../flow-process.ts'
import type { Episode, EpisodeKind, EpisodeRates } from './episode.ts'
import { EPISODE_KINDS } from './episode.ts'
import { Refill, Requote, Resting, Traded } from './look-alikes.ts'
import { Layer, Spoof } from './manipulation.ts'
import type { PlantedFlow } from './planted-flow.ts'
import type { Script } from './script.ts'

/** Seconds after an episode in which none begins. */
const QUIET_S = 30
/** Episodes that are remembered. */
const KEPT = 10_000

const SCRIPTS: Readonly<Record<EpisodeKind, new (flow: PlantedFlow, random: Random, side: Side, typicalLots: Lots) => Script>> = {
  spoof: Spoof, layer: Layer, traded: Traded, resting: Resting, requote: Requote, refill: Refill,
}

/** Plants episodes into a generated market, one after the other, and remembers them: what a detector should find, and what not. */
export class Episodes implements FlowProcess {
  /** The newest of those that are over, oldest first. */
  readonly done: Episode[] = []
  readonly #flow: PlantedFlow
  readonly #rates: EpisodeRates
  readonly #typicalLots: Lots
  #script: Script | null = null
  #kind: EpisodeKind = 'spoof'
  #startMs: WallMs = 0
  #nextS = Number.NaN

  constructor(flow: PlantedFlow, rates: EpisodeRates, typicalLots: Lots) {
    this.#flow = flow
    this.#rates = rates
    this.#typicalLots = typicalLots
  }

  step(view: GeneratorView, _flow: unknown, random: Random): void {
    if (Number.isNaN(this.#nextS)) this.#nextS = this.#drawS(view.seconds, random)
    if (this.#script === null) {
      if (view.seconds < this.#nextS) return
      this.#kind = this.#draw(random)
      this.#startMs = this.#flow.clock.wallMs()
      this.#script = new SCRIPTS[this.#kind](this.#flow, random, random.chance(0.5) ? BUY : SELL, this.#typicalLots)
    }
    const script = this.#script
    if (!script.step(view)) return
    this.#script = null
    this.#nextS = this.#drawS(view.seconds + QUIET_S, random)
    const { side, orders, lowTicks, highTicks } = script
    if (orders === 0) return
    this.done.push({ kind: this.#kind, side: this.#kind === 'requote' ? BUY : side, startMs: this.#startMs, endMs: this.#flow.clock.wallMs(), whole: script.isWhole, orders, lowTicks, highTicks })
    if (this.done.length > KEPT) this.done.shift()
  }

  get #perHour(): number {
    return EPISODE_KINDS.reduce((sum, kind) => sum + (this.#rates[kind] ?? 0), 0)
  }

  #drawS(fromS: number, random: Random): number {
    return fromS + random.exponential(3600 / this.#perHour)
  }

  #draw(random: Random): EpisodeKind {
    let at = random.next() * this.#perHour
    for (const kind of EPISODE_KINDS) {
      at -= this.#rates[kind] ?? 0
      if (at < 0) return kind
    }
    return 'spoof'
  }
}
