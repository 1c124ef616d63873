import { ORDER_STATES, isFinal } from '../../trading/index.ts'
import type { OrderEntry } from './entries.ts'

/** The newest orders by id and by the order of their making; of the ended ones the oldest go first. */
export class OrderList {
  readonly #kept: number
  readonly #byId = new Map<string, OrderEntry>()
  #inOrder: OrderEntry[] = []
  #gone = 0

  /** @param kept orders that are kept, live ones beyond it */
  constructor(kept: number) {
    this.#kept = kept
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): OrderEntry | undefined {
    return this.#byId.get(id)
  }

  /** Oldest first; to be looked at only. */
  get all(): readonly OrderEntry[] {
    if (this.#gone > this.#kept >> 2) this.#compact()
    return this.#gone === 0 ? this.#inOrder : this.#inOrder.filter((entry) => this.#byId.get(entry.id) === entry)
  }

  add(entry: OrderEntry): void {
    this.#byId.set(entry.id, entry)
    this.#inOrder.push(entry)
    if (this.#byId.size > this.#kept) this.#forget()
  }

  /** The oldest that has ended, of those at the front. */
  #forget(): void {
    for (const entry of this.#inOrder) {
      if (this.#byId.get(entry.id) !== entry || !isFinal(entry.state)) continue
      this.#byId.delete(entry.id)
      this.#gone++
      break
    }
    if (this.#gone > 1024) this.#compact()
  }

  #compact(): void {
    this.#inOrder = this.#inOrder.filter((entry) => this.#byId.get(entry.id) === entry)
    this.#gone = 0
  }
}

/** Status of the contract: the state's name, as a word of the API. */
export const statusOf = (state: number): string => (ORDER_STATES[state] ?? 'Pending').replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
