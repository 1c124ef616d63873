import type { Nanos, VirtualTime } from '../../src/core/index.ts'
import { DECISION } from '../../src/memory/index.ts'
import type { ActorSpec } from '../../src/runtime/index.ts'

export type BadDecision = 'nan' | 'infinite' | 'negative' | 'side' | 'old'

/** As old as no decision may be that leads to an order. */
const OLD_NS = 60e9

interface Frozen {
  untilNs: Nanos
  kept: { readonly side: number; readonly confidence: number; readonly receiveNs: Nanos; readonly tickSequence: number } | null
}

/** What a broken model may say: its decisions are changed in their ring, right before execution reads them. */
export class ModelFaults {
  readonly #time: VirtualTime
  readonly #armed: { readonly what: BadDecision; left: number }[] = []
  readonly #frozen = new Map<number, Frozen>()
  /** Decisions that must not lead to anything: `process/symbol index/sequence`. */
  readonly vetoed = new Map<string, BadDecision | 'frozen'>()
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

  /** The execution actor with this between it and its decisions. @param decisions rings of one process, by symbol */
  wrap(spec: ActorSpec, process: number): ActorSpec {
    const views = spec.inputs.map(({ ring }) => DECISION.view(ring.buffer))
    return {
      ...spec,
      create: (context, scope, checkpoint) => {
        const actor = spec.create(context, scope, checkpoint)
        const onRecord = actor.onRecord!.bind(actor)
        actor.onRecord = (input, slot, sequence, last) => {
          this.#spoil(input, views[input]!.at(slot), process)
          onRecord(input, slot, sequence, last)
        }
        return actor
      },
    }
  }

  #spoil(input: number, view: ReturnType<ReturnType<typeof DECISION.view>['at']>, process: number): void {
    const key = `${process}/${input}/${view.sequence}`
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
    if (first === undefined) return
    if (--first.left <= 0) this.#armed.shift()
    this.struckBad++
    this.vetoed.set(key, first.what)
    switch (first.what) {
      case 'nan':
        view.confidence = Number.NaN
        return
      case 'infinite':
        view.confidence = Number.POSITIVE_INFINITY
        return
      case 'negative':
        view.confidence = -0.9
        return
      case 'side':
        view.side = 7
        return
      case 'old':
        view.receiveNs -= OLD_NS
    }
  }
}
