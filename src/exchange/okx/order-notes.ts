/** Orders remembered at once; the oldest are forgotten first. */
const NOTES_MAX = 10_000

/** What the venue says about orders and the exchange does not keep: who cancelled, what was amended, who was taken over. */
export class OrderNotes {
  readonly #deadMan = new Set<string>()
  readonly #liquidated = new Set<string>()
  #amending: { readonly orderId: string; readonly reqId: string } | null = null

  /** The order is about to be cancelled by the dead man's switch. */
  noteDeadMan(orderId: string): void {
    remember(this.#deadMan, orderId)
  }

  noteLiquidation(orderId: string): void {
    remember(this.#liquidated, orderId)
  }

  byDeadMan(orderId: string): boolean {
    return this.#deadMan.has(orderId)
  }

  wasLiquidation(orderId: string): boolean {
    return this.#liquidated.has(orderId)
  }

  /** Runs an amendment; the first change of the order that it causes carries `reqId`. */
  amending<T>(orderId: string, reqId: string, run: () => T): T {
    this.#amending = { orderId, reqId }
    try {
      return run()
    } finally {
      this.#amending = null
    }
  }

  /** @returns the request id when this change of the order is an amendment, once; else null. */
  takeAmendment(orderId: string): string | null {
    if (this.#amending?.orderId !== orderId) return null
    const { reqId } = this.#amending
    this.#amending = null
    return reqId
  }
}

function remember(set: Set<string>, orderId: string): void {
  set.add(orderId)
  if (set.size > NOTES_MAX) set.delete(set.values().next().value!)
}
