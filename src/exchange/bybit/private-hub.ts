import type { Clock, Random, Timers, WallMs } from '../../core/index.ts'
import type { ExchangeOrder, ExchangePort, Execution, Leg } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { Lane } from '../front/lane.ts'
import type { Rows, Row } from './rows.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'

/**
 * Topics of the private stream; each also exists with `.linear` behind it. `dcp.future` says nothing: it puts its connection under
 * disconnect protection.
 */
export const PRIVATE_TOPICS = ['order', 'execution', 'execution.fast', 'position', 'wallet', 'dcp.future'] as const
export type PrivateTopic = (typeof PRIVATE_TOPICS)[number]

/** A private connection that is signed in. */
export interface PrivateListener {
  readonly account: string
  /** @returns the name under which the topic was subscribed, or null. */
  subscribed(topic: PrivateTopic): string | null
  push(frame: string): void
}

export interface PrivateHubParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly latency: FrontLatency
  readonly faults: FaultPlan
  readonly counters: FrontCounters
  readonly rows: Rows
  readonly nowMs: () => WallMs
  /** Whether the order of messages of different topics is drawn. */
  readonly shuffleTopics: boolean
  readonly messageId: () => string
}

interface Happening {
  readonly account: string
  readonly topic: PrivateTopic
  /** Fixed when it happened; null for state that is read when the push leaves. */
  readonly row: Row | null
  readonly symbol: string
  readonly leg: Leg
}

/**
 * What happens to accounts, gathered in bursts and pushed after their latency. Pushes of a command never leave before
 * its answer; messages of one topic keep their order; between topics there is no promise, as on the real venue.
 */
export class PrivateHub {
  readonly #parts: PrivateHubParts
  readonly #listeners = new Map<string, Set<PrivateListener>>()
  readonly #lane: Lane<Happening[]>
  readonly #stopListening: () => void
  #open: Happening[] | null = null

  constructor(parts: PrivateHubParts) {
    this.#parts = parts
    this.#lane = new Lane(parts.clock, parts.timers, (burst) => this.#deliver(burst))
    this.#stopListening = parts.exchange.listen({
      onOrder: (order) => this.#onOrder(order),
      onExecution: (execution) => this.#onExecution(execution),
      onPosition: (position) => this.#state(position.account, 'position', position.symbol, position.leg),
      onWallet: (account) => this.#state(account, 'wallet', '', 'net'),
    })
  }

  add(listener: PrivateListener): void {
    let set = this.#listeners.get(listener.account)
    if (set === undefined) this.#listeners.set(listener.account, (set = new Set()))
    set.add(listener)
  }

  remove(listener: PrivateListener): void {
    this.#listeners.get(listener.account)?.delete(listener)
  }

  close(): void {
    this.#stopListening()
    this.#lane.close()
  }

  /**
   * Runs a command. What it causes is held together and pushed no sooner than `answerMs` from now: `run` must have
   * handed the answer to its connection before it returns.
   */
  command(answerMs: number, run: () => void): void {
    const burst: Happening[] = []
    this.#open = burst
    try {
      run()
    } finally {
      this.#open = null
      // A microsecond behind the answer: two timers of the same instant have no order that could be relied on.
      if (burst.length > 0) this.#lane.push(burst, Math.max(answerMs + 0.001, this.#delay()))
    }
  }

  #onOrder(order: ExchangeOrder): void {
    if (!this.#heard(order.account)) return
    this.#add({ account: order.account, topic: 'order', row: this.#parts.rows.order(order, 'stream'), symbol: order.symbol, leg: order.leg })
    // The venue repeats the position with every change of an order, also when it stands still.
    this.#state(order.account, 'position', order.symbol, order.leg)
  }

  #onExecution(execution: Execution): void {
    if (!this.#heard(execution.account)) return
    const { account, symbol, leg } = execution
    this.#add({ account, topic: 'execution', row: this.#parts.rows.execution(execution, 'stream', true), symbol, leg })
    if (execution.kind === 'Trade') this.#add({ account, topic: 'execution.fast', row: this.#parts.rows.fastExecution(execution), symbol, leg })
  }

  // The newest state tells everything: one message per burst, at the place of the last change.
  #state(account: string, topic: 'position' | 'wallet', symbol: string, leg: Leg): void {
    if (!this.#heard(account)) return
    const burst = this.#open
    if (burst !== null) {
      const before = burst.findIndex((happening) => happening.topic === topic && happening.account === account && happening.symbol === symbol && happening.leg === leg)
      if (before >= 0) burst.splice(before, 1)
    }
    this.#add({ account, topic, row: null, symbol, leg })
  }

  #heard(account: string): boolean {
    return (this.#listeners.get(account)?.size ?? 0) > 0
  }

  #add(happening: Happening): void {
    if (this.#open === null) {
      this.#open = []
      this.#lane.push(this.#open, this.#delay())
    }
    this.#open.push(happening)
  }

  #delay(): number {
    const { pushMs, jitterMs } = this.#parts.latency
    return jitterMs > 0 ? pushMs + this.#parts.random.between(0, jitterMs) : pushMs
  }

  #deliver(burst: Happening[]): void {
    if (this.#open === burst) this.#open = null
    const order = this.#parts.shuffleTopics ? this.#shuffled(burst) : burst
    for (let from = 0; from < order.length; ) {
      const { account, topic } = order[from]!
      let to = from + 1
      while (to < order.length && order[to]!.account === account && order[to]!.topic === topic) to++
      this.#push(account, topic, order.slice(from, to))
      from = to
    }
  }

  // Draws which topic speaks next; inside a topic the order stands.
  #shuffled(burst: readonly Happening[]): Happening[] {
    const queues = new Map<PrivateTopic, Happening[]>()
    for (const happening of burst) {
      const queue = queues.get(happening.topic)
      if (queue === undefined) queues.set(happening.topic, [happening])
      else queue.push(happening)
    }
    const waiting = [...queues.values()]
    const order: Happening[] = []
    while (waiting.length > 0) {
      const index = this.#parts.random.below(waiting.length)
      const queue = waiting[index]!
      order.push(queue.shift()!)
      if (queue.length === 0) waiting.splice(index, 1)
    }
    return order
  }

  #push(account: string, topic: PrivateTopic, happenings: readonly Happening[]): void {
    const listeners = this.#listeners.get(account)
    if (listeners === undefined || listeners.size === 0) return
    const copies = this.#parts.faults.takePushCopies()
    if (copies === 0) return
    const { rows, counters } = this.#parts
    const data = happenings.map(({ row, symbol, leg }) => row ?? (topic === 'wallet' ? rows.wallet(account) : rows.position(account, symbol, leg, 'stream')))
    const id = this.#parts.messageId()
    const frames = new Map<string, string>()
    for (const listener of [...listeners]) {
      const name = listener.subscribed(topic)
      if (name === null) continue
      let frame = frames.get(name)
      if (frame === undefined) {
        const head = topic === 'execution.fast' ? { topic: name } : { id, topic: name }
        frame = JSON.stringify({ ...head, creationTime: this.#parts.nowMs(), data })
        frames.set(name, frame)
        counters.framesBuilt++
      }
      for (let i = 0; i < copies; i++) listener.push(frame)
    }
  }
}
