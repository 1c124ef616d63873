import type { WallMs } from '../../core/index.ts'

/** Addresses remembered at once. */
const ADDRESSES_MAX = 10_000

/** New connections per address and second, counted in a sliding window. */
export class ConnectionGate {
  readonly #perSecond: number
  readonly #recent = new Map<string, WallMs[]>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** @returns whether one more is let in. */
  admit(ip: string, nowMs: WallMs): boolean {
    const times = this.#recent.get(ip) ?? []
    this.#recent.delete(ip)
    const kept = times.filter((one) => one > nowMs - 1_000 && one <= nowMs)
    const admitted = kept.length < this.#perSecond
    if (admitted) kept.push(nowMs)
    this.#recent.set(ip, kept)
    if (this.#recent.size > ADDRESSES_MAX) this.#recent.delete(this.#recent.keys().next().value!)
    return admitted
  }
}
