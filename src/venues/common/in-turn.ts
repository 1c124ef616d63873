/** Query of a request, in this order. */
export type Params = readonly (readonly [string, string])[]

/** Runs tasks one after the other until one fails. */
export function inTurn<T>(items: readonly T[], task: (item: T, next: (error: unknown) => void) => void, done: (error: unknown) => void): void {
  let i = 0
  const step = (): void => {
    if (i === items.length) done(null)
    else task(items[i++]!, (error) => (error === null ? step() : done(error)))
  }
  step()
}

/** @returns what `read` threw, or null. */
export function attempt(read: () => void): unknown {
  try {
    read()
    return null
  } catch (error) {
    return error
  }
}
