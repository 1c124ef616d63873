import type { Nanos } from '../../core/index.ts'
import { fail } from '../../core/index.ts'

/** Requests that may be in flight at most, and the shortest time between two, whatever the settings say (MD-17). */
export const REST_IN_FLIGHT_MAX = 5
export const REST_SPACING_MS_MIN = 100

const WORD_NEXT = 0
const WORD_IN_FLIGHT = 1
const WORD_SPACING_MS = 2
const WORD_FIRST_SLOT = 3
const BYTES = (WORD_FIRST_SLOT + REST_IN_FLIGHT_MAX) * 8
/** What is not urgent leaves this share of the spacing to what is. */
const YIELD = 0.3

export interface RestLimits {
  readonly inFlight: number
  readonly spacingMs: number
}

/** A place that was taken: to be given back by the same values. */
export interface RestPlace {
  readonly slot: number
  readonly leaseNs: bigint
}

/**
 * The engine's one budget for market data by REST: at most five requests in flight and 100 ms from one to the next, over
 * all threads. Its state is a few words in shared memory, moved by compare-and-exchange, so that no thread has to ask
 * another, and a dead one blocks nobody: a place is a lease that ends by itself.
 *
 * Urgent requests (prices for exits) may take every place, and go first when the next one is due; the others leave one
 * place free and come a little later.
 */
export class RestBudget {
  readonly buffer: SharedArrayBuffer
  readonly limits: RestLimits
  readonly #words: BigInt64Array

  private constructor(buffer: SharedArrayBuffer, limits: RestLimits) {
    this.buffer = buffer
    this.limits = limits
    this.#words = new BigInt64Array(buffer)
  }

  /** @throws RM_REST_BUDGET for limits looser than five in flight and 100 ms, or none at all */
  static create(limits: RestLimits): RestBudget {
    const { inFlight, spacingMs } = limits
    if (!(Number.isInteger(inFlight) && inFlight >= 1 && inFlight <= REST_IN_FLIGHT_MAX)) fail('RM_REST_BUDGET', { what: 'inFlight', actual: inFlight, needed: `a whole number from 1 to ${REST_IN_FLIGHT_MAX}` })
    if (!(Number.isInteger(spacingMs) && spacingMs >= REST_SPACING_MS_MIN && spacingMs <= 60_000)) fail('RM_REST_BUDGET', { what: 'spacingMs', actual: spacingMs, needed: `a whole number from ${REST_SPACING_MS_MIN} to 60000` })
    const budget = new RestBudget(new SharedArrayBuffer(BYTES), limits)
    budget.#words[WORD_IN_FLIGHT] = BigInt(inFlight)
    budget.#words[WORD_SPACING_MS] = BigInt(spacingMs)
    return budget
  }

  /** The budget that another thread created. @throws RM_REST_BUDGET when it is none */
  static attach(buffer: SharedArrayBuffer): RestBudget {
    if (buffer.byteLength !== BYTES) fail('RM_REST_BUDGET', { what: 'the buffer', actual: `${buffer.byteLength} bytes`, needed: `${BYTES} bytes` })
    const words = new BigInt64Array(buffer)
    return new RestBudget(buffer, { inFlight: Number(words[WORD_IN_FLIGHT]), spacingMs: Number(words[WORD_SPACING_MS]) })
  }

  /**
   * Takes a place, if one is free and the last request is long enough ago.
   * @param leaseMs after this the place counts as free again, whatever became of its owner
   * @returns null when the request has to wait
   */
  acquire(nowNs: Nanos, leaseMs: number, urgent: boolean): RestPlace | null {
    const now = wholeNs(nowNs)
    if (now < this.#dueNs(urgent)) return null
    const leaseNs = now + wholeNs(leaseMs * 1e6)
    const slot = this.#takeSlot(now, leaseNs, urgent)
    if (slot < 0) return null
    const place = { slot, leaseNs }
    if (this.#takeTurn(now, urgent)) return place
    this.release(place)
    return null
  }

  /** Gives a place back. One whose lease has ended may be somebody else's by now: that one is left alone. */
  release({ slot, leaseNs }: RestPlace): void {
    Atomics.compareExchange(this.#words, WORD_FIRST_SLOT + slot, leaseNs, 0n)
  }

  /** Places that are taken now. */
  inFlight(nowNs: Nanos): number {
    const now = wholeNs(nowNs)
    let taken = 0
    for (let slot = 0; slot < this.limits.inFlight; slot++) if (Atomics.load(this.#words, WORD_FIRST_SLOT + slot) > now) taken++
    return taken
  }

  /** How long to wait before `acquire` is worth another try, ms; places that are given back early are found by then. */
  retryMs(nowNs: Nanos, urgent: boolean): number {
    const dueMs = Number(this.#dueNs(urgent) - wholeNs(nowNs)) / 1e6
    return dueMs > 0 ? dueMs : this.limits.spacingMs / 4
  }

  #takeSlot(now: bigint, leaseNs: bigint, urgent: boolean): number {
    // With a single place there is none to keep free.
    const usable = urgent ? this.limits.inFlight : Math.max(1, this.limits.inFlight - 1)
    for (let slot = 0; slot < usable; slot++) {
      const held = Atomics.load(this.#words, WORD_FIRST_SLOT + slot)
      if (held <= now && Atomics.compareExchange(this.#words, WORD_FIRST_SLOT + slot, held, leaseNs) === held) return slot
    }
    return -1
  }

  #takeTurn(now: bigint, urgent: boolean): boolean {
    const next = Atomics.load(this.#words, WORD_NEXT)
    if (now < this.#dueNs(urgent)) return false
    return Atomics.compareExchange(this.#words, WORD_NEXT, next, now + wholeNs(this.limits.spacingMs * 1e6)) === next
  }

  #dueNs(urgent: boolean): bigint {
    const next = Atomics.load(this.#words, WORD_NEXT)
    return urgent || next === 0n ? next : next + wholeNs(this.limits.spacingMs * YIELD * 1e6)
  }
}

const wholeNs = (ns: number): bigint => BigInt(Math.ceil(ns))
