import { bookUpdate } from './capture-events.ts'

/** A seeded market with a moving mid, deletes, jumps and bursts of trades; never crossed. */
export class WildMarket {
  #seed: number
  #mid = 30_000
  timeMs: number
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()

  constructor(seed: number, startMs = 1_700_000_000_000) {
    this.timeMs = startMs
    this.#seed = (seed % 2_147_483_646) + 1
    for (let i = 1; i <= 60; i++) {
      this.bids.set(this.#mid - i, this.#size())
      this.asks.set(this.#mid + i, this.#size())
    }
  }

  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    return this.#seed / 2_147_483_647
  }

  #size(): number {
    return 1 + Math.floor(this.random() ** 6 * 200_000)
  }

  snapshot() {
    return bookUpdate(true, this.timeMs, 1, [...this.bids], [...this.asks])
  }

  delta() {
    this.timeMs += Math.floor(this.random() ** 3 * 400)
    const bids = new Map<number, number>()
    const asks = new Map<number, number>()
    const set = (side: Map<number, number>, changes: Map<number, number>, ticks: number, lots: number): void => {
      changes.set(ticks, lots)
      if (lots === 0) side.delete(ticks)
      else side.set(ticks, lots)
    }
    const step = Math.floor((this.random() - 0.5) * 5)
    this.#mid = Math.min(60_000, Math.max(5000, this.#mid + step))
    for (const ticks of [...this.bids.keys()]) if (ticks >= this.#mid || ticks < this.#mid - 90) set(this.bids, bids, ticks, 0)
    for (const ticks of [...this.asks.keys()]) if (ticks <= this.#mid || ticks > this.#mid + 90) set(this.asks, asks, ticks, 0)
    for (let i = 0; i < 3; i++) {
      set(this.bids, bids, this.#mid - 1 - Math.floor(this.random() ** 2 * 60), this.random() < 0.3 ? 0 : this.#size())
      set(this.asks, asks, this.#mid + 1 + Math.floor(this.random() ** 2 * 60), this.random() < 0.3 ? 0 : this.#size())
    }
    for (let i = 1; this.bids.size < 60; i++) if (!this.bids.has(this.#mid - i)) set(this.bids, bids, this.#mid - i, this.#size())
    for (let i = 1; this.asks.size < 60; i++) if (!this.asks.has(this.#mid + i)) set(this.asks, asks, this.#mid + i, this.#size())
    return bookUpdate(false, this.timeMs, 1, [...bids], [...asks])
  }

  trade() {
    const sign = this.random() < 0.5 ? 1 : -1
    return { sign, ticks: this.#mid + sign * (1 + Math.floor(this.random() * 3)), lots: this.#size() }
  }
}
