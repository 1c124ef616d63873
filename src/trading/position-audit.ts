import type { Nanos, SymbolIndex } from '../core/index.ts'

/**
 * What the venue's position pushes say, next to what the books say. Pushes are noisy and overtake executions, so a
 * difference counts only when it lasts; and they never change the books.
 */
export class PositionAudit {
  /** NaN: nothing heard since the last reconciliation. */
  readonly #venueLots: Float64Array
  /** Since when the books differ, -1 while they do not. */
  readonly #sinceNs: Float64Array
  readonly #boundNs: number

  constructor(symbols: number, boundMs: number) {
    this.#venueLots = new Float64Array(symbols).fill(Number.NaN)
    this.#sinceNs = new Float64Array(symbols).fill(-1)
    this.#boundNs = boundMs * 1e6
  }

  hear(symbolIndex: SymbolIndex, signedLots: number): void {
    this.#venueLots[symbolIndex] = signedLots
  }

  /** What was heard before a snapshot says nothing any more. */
  forget(): void {
    this.#venueLots.fill(Number.NaN)
    this.#sinceNs.fill(-1)
  }

  /** @returns the venue's lots when they have differed for too long, once in every bound; NaN otherwise. */
  check(symbolIndex: SymbolIndex, signedLots: number, nowNs: Nanos): number {
    const venueLots = this.#venueLots[symbolIndex]!
    const since = this.#sinceNs[symbolIndex]!
    if (Number.isNaN(venueLots) || venueLots === signedLots) this.#sinceNs[symbolIndex] = -1
    else if (since < 0) this.#sinceNs[symbolIndex] = nowNs
    else if (nowNs - since >= this.#boundNs) {
      this.#sinceNs[symbolIndex] = nowNs
      return venueLots
    }
    return Number.NaN
  }
}
