import type { Nanos, VirtualTime } from '../../src/core/index.ts'
import { DECISION } from '../../src/memory/index.ts'
import type { ActorSpec } from '../../src/runtime/index.ts'
import type { EngineProcess } from './engine-process.ts'

export type BadDecision = 'nan' | 'infinite' | 'negative' | 'side' | 'old'

/** As old as no decision may be that leads to an order. */
const OLD_NS = 60e9

/** A decision as execution is about to read it. */
export interface SeenDecision {
  readonly sequence: number
  readonly receiveNs: Nanos
  readonly bidTicks: number
  readonly askTicks: number
  /** What is wrong with it, '' for nothing. */
  readonly veto: BadDecision | ''
}

export type DecisionListener = (process: EngineProcess, symbolIndex: number, decision: SeenDecision) => void

interface Frozen {
  untilNs: Nanos
  kept: { readonly side: number; readonly confidence: number; readonly receiveNs: Nanos; readonly tickSequence: number } | null
}

/** What a broken model may say: its decisions are changed in their ring, right before execution reads them. */
export class ModelFaults {
  readonly #time: VirtualTime
  readonly #armed: { readonly what: BadDecision; left: number }[] = []
  readonly #frozen = new Map<number, Frozen>()
  #listener: DecisionListener = () => {}
  struckBad = 0
  struckFrozen = 0

  constructor(time: VirtualTime) {
    this.#time = time
  }

  arm(what: BadDecision, count: number): void {
    this.#armed.push({ what, left: count })
  }

  /** The decisions of a symbol are the first one again and again. */
  freeze(symbolIndex: number, forMs: number): void {
    this.#frozen.set(symbolIndex, { untilNs: this.#time.nowNs() + forMs * 1e6, kept: null })
  }

  heal(): void {
    this.#armed.length = 0
    this.#frozen.clear()
  }

  /** Hears of every decision. */
  listen(listener: DecisionListener): void {
    this.#listener = listener
  }

  /** The execution actor with this between it and its decisions. */
  wrap(spec: ActorSpec, process: EngineProcess): ActorSpec {
    const views = spec.inputs.map(({ ring }) => DECISION.view(ring.buffer))
    return {
      ...spec,
      create: (context, scope, checkpoint) => {
        const actor = spec.create(context, scope, checkpoint)
        const onRecord = actor.onRecord!.bind(actor)
        actor.onRecord = (input, slot, sequence, last) => {
          const view = views[input]!.at(slot)
          const veto = this.#spoil(input, view)
          const { sequence: number, receiveNs, bidTicks, askTicks } = view
          this.#listener(process, input, { sequence: number, receiveNs, bidTicks, askTicks, veto })
          onRecord(input, slot, sequence, last)
        }
        return actor
      },
    }
  }

  #spoil(input: number, view: ReturnType<ReturnType<typeof DECISION.view>['at']>): BadDecision | '' {
    const frozen = this.#frozen.get(input)
    if (frozen !== undefined && this.#time.nowNs() < frozen.untilNs) {
      if (frozen.kept === null) frozen.kept = { side: view.side, confidence: view.confidence, receiveNs: view.receiveNs, tickSequence: view.tickSequence }
      else {
        view.side = frozen.kept.side
        view.confidence = frozen.kept.confidence
        view.receiveNs = frozen.kept.receiveNs
        view.tickSequence = frozen.kept.tickSequence
        this.struckFrozen++
      }
    }
    const first = this.#armed[0]
    if (first === undefined) return ''
    if (--first.left <= 0) this.#armed.shift()
    this.struckBad++
    switch (first.what) {
      case 'nan':
        view.confidence = Number.NaN
        break
      case 'infinite':
        view.confidence = Number.POSITIVE_INFINITY
        break
      case 'negative':
        view.confidence = -0.9
        break
      case 'side':
        view.side = 7
        break
      case 'old':
        view.receiveNs -= OLD_NS
    }
    return first.what
  }
}
