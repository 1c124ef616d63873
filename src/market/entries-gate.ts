import { fail } from '../core/index.ts'

/**
 * Whether a score is good enough to act on, with hysteresis: open until it falls below `closeBelow`, closed until it
 * reaches `openFrom`. Closed before the first score.
 */
export class EntriesGate {
  readonly closeBelow: number
  readonly openFrom: number
  #open: boolean | null = null

  /** @throws RM_GATE_LIMITS unless 0 ≤ closeBelow ≤ openFrom ≤ 1 */
  constructor(closeBelow: number, openFrom: number) {
    if (!(closeBelow >= 0 && closeBelow <= openFrom && openFrom <= 1)) fail('RM_GATE_LIMITS', { closeBelow, openFrom })
    this.closeBelow = closeBelow
    this.openFrom = openFrom
  }

  get open(): boolean {
    return this.#open === true
  }

  /** @returns whether the gate is open now. A first score is measured by the lower limit. */
  look(score: number): boolean {
    this.#open = score >= (this.#open === false ? this.openFrom : this.closeBelow)
    return this.#open
  }
}
