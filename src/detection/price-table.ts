import { BUY, type PriceTicks, type Side } from '../core/index.ts'

/** Key of a price of a side: never 0, which marks an empty place. */
export const keyOf = (side: Side, priceTicks: PriceTicks): number => (side === BUY ? priceTicks + 1 : -priceTicks - 1)

/** Whole numbers under the prices of both sides: linear probing in fixed memory, at most half full. */
export class PriceTable {
  readonly #mask: number
  readonly #shift: number
  readonly #keys: Float64Array
  readonly #values: Int32Array
  #size = 0

  /** @param room prices that it must hold; rounded up to a power of two */
  constructor(room: number) {
    const bits = Math.max(2, Math.ceil(Math.log2(room)) + 1)
    this.#mask = 2 ** bits - 1
    this.#shift = 32 - bits
    this.#keys = new Float64Array(2 ** bits)
    this.#values = new Int32Array(2 ** bits)
  }

  get size(): number {
    return this.#size
  }

  /** @returns the number under a key, −1 for none. */
  get(key: number): number {
    const keys = this.#keys
    let at = this.#home(key)
    while (keys[at] !== key) {
      if (keys[at] === 0) return -1
      at = (at + 1) & this.#mask
    }
    return this.#values[at]!
  }

  /** @returns false when there is no place left: nothing has changed then. */
  set(key: number, value: number): boolean {
    const keys = this.#keys
    let at = this.#home(key)
    while (keys[at] !== 0 && keys[at] !== key) at = (at + 1) & this.#mask
    if (keys[at] === 0) {
      if (this.#size > this.#mask >> 1) return false
      this.#size++
    }
    keys[at] = key
    this.#values[at] = value
    return true
  }

  delete(key: number): void {
    const keys = this.#keys
    const values = this.#values
    const mask = this.#mask
    let at = this.#home(key)
    while (keys[at] !== key) {
      if (keys[at] === 0) return
      at = (at + 1) & mask
    }
    this.#size--
    // Later entries of the same run move up, so that no search stops at the hole.
    let hole = at
    for (let next = (at + 1) & mask; keys[next] !== 0; next = (next + 1) & mask) {
      const distance = (next - this.#home(keys[next]!)) & mask
      if (distance < ((next - hole) & mask)) continue
      keys[hole] = keys[next]!
      values[hole] = values[next]!
      hole = next
    }
    keys[hole] = 0
  }

  clear(): void {
    this.#keys.fill(0)
    this.#size = 0
  }

  /** Neighbouring prices spread over the table: the top bits of a product with the golden ratio. */
  #home(key: number): number {
    return (Math.imul(key | 0, 0x9e3779b1) >>> this.#shift) & this.#mask
  }
}
