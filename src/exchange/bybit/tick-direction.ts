import type { PriceTicks } from '../../core/index.ts'

export type TickDirection = 'PlusTick' | 'ZeroPlusTick' | 'MinusTick' | 'ZeroMinusTick'

/** How each trade of one symbol stands to the one before it. */
export class TickDirections {
  #lastTicks: PriceTicks = 0
  #direction: TickDirection = 'ZeroPlusTick'

  get current(): TickDirection {
    return this.#direction
  }

  next(priceTicks: PriceTicks): TickDirection {
    if (this.#lastTicks !== 0) {
      if (priceTicks > this.#lastTicks) this.#direction = 'PlusTick'
      else if (priceTicks < this.#lastTicks) this.#direction = 'MinusTick'
      else if (this.#direction === 'PlusTick') this.#direction = 'ZeroPlusTick'
      else if (this.#direction === 'MinusTick') this.#direction = 'ZeroMinusTick'
    }
    this.#lastTicks = priceTicks
    return this.#direction
  }
}
