import type { DecimalStep, Instrument } from '../core/index.ts'

/** From whole ticks and lots to price and size, with one rounding. */
export class GridScale {
  readonly #tickUnits: number
  readonly #tickScale: number
  readonly #lotUnits: number
  readonly #lotScale: number

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>) {
    this.#tickUnits = instrument.tick.units
    this.#tickScale = scaleOf(instrument.tick)
    this.#lotUnits = instrument.lot.units
    this.#lotScale = scaleOf(instrument.lot)
  }

  /** @param ticks may be fractional */
  price(ticks: number): number {
    return (ticks * this.#tickUnits) / this.#tickScale
  }

  /** @param lots may be fractional */
  size(lots: number): number {
    return (lots * this.#lotUnits) / this.#lotScale
  }

  /** Ticks times lots, as value in quote currency. */
  value(ticksLots: number): number {
    return (ticksLots * this.#tickUnits * this.#lotUnits) / (this.#tickScale * this.#lotScale)
  }

  /** Value in quote currency, as ticks times lots. */
  ticksLots(value: number): number {
    return (value * this.#tickScale * this.#lotScale) / (this.#tickUnits * this.#lotUnits)
  }
}

// Powers of ten are exact up to 10^22: one rounding in the division, none before.
const scaleOf = (step: DecimalStep): number => 10 ** step.decimals
