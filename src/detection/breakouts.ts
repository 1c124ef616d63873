import type { PriceTicks, WallMs } from '../core/index.ts'
import type { LevelsSettings } from './levels-settings.ts'

export const BREAKOUT_STATES = ['open', 'confirmed', 'failed'] as const
export type BreakoutState = (typeof BREAKOUT_STATES)[number]

/** A close beyond a level. */
export interface Breakout {
  /** 1 upwards, −1 downwards. */
  readonly direction: 1 | -1
  readonly lowTicks: PriceTicks
  readonly highTicks: PriceTicks
  /** Start of the candle that closed beyond. */
  readonly atMs: WallMs
  /** Largest volume of a candle beyond it so far, in mean volumes. */
  readonly volume: number
  readonly state: BreakoutState
}

/** Zones of levels, in columns. */
export interface LevelZones {
  readonly count: number
  readonly lowTicks: Float64Array
  readonly highTicks: Float64Array
}

const KEPT = 32
const OPEN = 0
const CONFIRMED = 1
const FAILED = 2

/**
 * Breakouts of levels, the newest of them. One begins with a close beyond the zone of a level after a close that was not; it is
 * confirmed by volume, at once or within the next candles that stay beyond, and fails with a close back in or when nothing confirmed it.
 */
export class Breakouts {
  /** Breakouts since the start. */
  found = 0
  readonly #settings: Pick<LevelsSettings, 'breakoutVolume' | 'confirmCandles'>
  readonly #directions = new Int8Array(KEPT)
  readonly #lows = new Float64Array(KEPT)
  readonly #highs = new Float64Array(KEPT)
  readonly #atMs = new Float64Array(KEPT)
  readonly #volumes = new Float64Array(KEPT)
  readonly #states = new Uint8Array(KEPT)
  readonly #candles = new Uint16Array(KEPT)
  /** Start of the candle that came back into the zone; −1 for none. */
  readonly #backMs = new Float64Array(KEPT)

  constructor(settings: Pick<LevelsSettings, 'breakoutVolume' | 'confirmCandles'>) {
    this.#settings = settings
  }

  /** A candle closed. @param before close of the one before @param volume in mean volumes @param levels those that stood before this candle */
  close(startMs: WallMs, before: PriceTicks, close: PriceTicks, volume: number, levels: LevelZones): void {
    for (let i = Math.max(0, this.found - KEPT); i < this.found; i++) if (this.#states[i % KEPT] === OPEN) this.#follow(i % KEPT, startMs, close, volume)
    for (let level = 0; level < levels.count; level++) {
      const low = levels.lowTicks[level]!
      const high = levels.highTicks[level]!
      if (before <= high && close > high) this.#begin(1, low, high, startMs, volume)
      else if (before >= low && close < low) this.#begin(-1, low, high, startMs, volume)
    }
  }

  /** Newest last. */
  list(): Breakout[] {
    const held = Math.min(this.found, KEPT)
    return Array.from({ length: held }, (_, i) => {
      const at = (this.found - held + i) % KEPT
      return {
        direction: this.#directions[at] as 1 | -1,
        lowTicks: this.#lows[at]!,
        highTicks: this.#highs[at]!,
        atMs: this.#atMs[at]!,
        volume: this.#volumes[at]!,
        state: BREAKOUT_STATES[this.#states[at]!]!,
      }
    })
  }

  words(): string {
    const last = this.list().at(-1)
    if (last === undefined) return 'no breakout yet'
    return `last breakout ${last.direction > 0 ? 'up through' : 'down through'} ${last.direction > 0 ? last.highTicks : last.lowTicks} ticks, ${last.state}`
  }

  reset(): void {
    this.found = 0
  }

  #begin(direction: 1 | -1, low: PriceTicks, high: PriceTicks, startMs: WallMs, volume: number): void {
    if (this.#isReturn(low, high, startMs)) return
    const at = this.found++ % KEPT
    this.#backMs[at] = -1
    this.#directions[at] = direction
    this.#lows[at] = low
    this.#highs[at] = high
    this.#atMs[at] = startMs
    this.#volumes[at] = volume
    this.#candles[at] = 0
    this.#states[at] = volume >= this.#settings.breakoutVolume ? CONFIRMED : OPEN
  }

  /** The way back out of a breakout that fails with this candle is no breakout of its own. */
  #isReturn(low: PriceTicks, high: PriceTicks, startMs: WallMs): boolean {
    for (let i = Math.max(0, this.found - KEPT); i < this.found; i++) {
      const at = i % KEPT
      if (this.#backMs[at] === startMs && this.#lows[at]! <= high && this.#highs[at]! >= low) return true
    }
    return false
  }

  #follow(at: number, startMs: WallMs, close: PriceTicks, volume: number): void {
    const beyond = this.#directions[at]! > 0 ? close > this.#highs[at]! : close < this.#lows[at]!
    this.#candles[at]!++
    if (!beyond) {
      this.#states[at] = FAILED
      this.#backMs[at] = startMs
    } else {
      this.#volumes[at] = Math.max(this.#volumes[at]!, volume)
      if (volume >= this.#settings.breakoutVolume) this.#states[at] = CONFIRMED
      else if (this.#candles[at]! >= this.#settings.confirmCandles) this.#states[at] = FAILED
    }
  }
}
