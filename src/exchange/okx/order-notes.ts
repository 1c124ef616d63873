/** What the venue says about changes of orders and the exchange does not keep: what was amended, what is still being put together. */
export class OrderNotes {
  #amending: { readonly orderId: string; readonly reqId: string } | null = null
  #silentClient = ''
  #told = ''

  /** Runs a step of an order whose changes nobody is to hear yet. @param clientId the id that the exchange knows it by. */
  silently<T>(clientId: string, run: () => T): T {
    this.#silentClient = clientId
    try {
      return run()
    } finally {
      this.#silentClient = ''
    }
  }

  isSilent(clientId: string): boolean {
    return clientId !== '' && clientId === this.#silentClient
  }

  /** Runs an amendment; the first change of the order that it causes carries `reqId`. */
  amending<T>(orderId: string, reqId: string, run: () => T): T {
    this.#amending = { orderId, reqId }
    try {
      return run()
    } finally {
      this.#amending = null
      this.#told = ''
    }
  }

  /** Whether the running amendment of the order was told already: one may change it in several steps. */
  wasTold(orderId: string): boolean {
    return this.#told === orderId
  }

  /** @returns the request id when this change of the order is an amendment, once; else null. */
  takeAmendment(orderId: string): string | null {
    if (this.#amending?.orderId !== orderId) return null
    const { reqId } = this.#amending
    this.#amending = null
    this.#told = orderId
    return reqId
  }
}
