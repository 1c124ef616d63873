/**
 * Counts the sessions of an account's connections: it moves when one of them is lost and when one has logged in. A
 * command remembers the number at which it was made and does not leave at another one: what was meant for the time before
 * an outage must not come out after it.
 */
export class SessionEpoch {
  #value = 0

  get value(): number {
    return this.#value
  }

  advance(): void {
    this.#value++
  }
}
